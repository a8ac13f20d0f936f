// The type of settings that name a distribution.

import { DISTRIBUTIONS, type DistributionName } from "../../facts/distributions.ts";
import { oneOf } from "./choice.ts";

export const distributionName = oneOf(...(Object.keys(DISTRIBUTIONS) as DistributionName[]));
