// What the [Test] section expects of an image that has booted, one test each.

import type { Config } from "../../settings/index.ts";

export type Expectation =
  | { readonly kind: "boot"; readonly name: string /** Seconds. */; readonly within: number | null }
  | { readonly kind: "unit"; readonly name: string; readonly unit: string }
  | { readonly kind: "port"; readonly name: string; readonly port: number; readonly protocol: "tcp" | "udp" }
  | { readonly kind: "failed-units"; readonly name: string }
  | { readonly kind: "console"; readonly name: string; readonly expression: string };

/** What is expected of every machine of the image. A failed unit is told last: what the others wait for may still fail. */
export function expectationsOf(config: Config): Expectation[] {
  return [
    { kind: "boot", name: "boot", within: config.testBootTimeout },
    ...config.testUnits.map((unit): Expectation => ({ kind: "unit", name: `unit:${unit}`, unit })),
    ...config.testPorts.map((text): Expectation => {
      const [number, protocol] = text.split("/");
      return { kind: "port", name: `port:${text}`, port: Number(number), protocol: protocol === "udp" ? "udp" : "tcp" };
    }),
    ...config.testConsole.map(
      (expression): Expectation => ({ kind: "console", name: `console:${expression}`, expression }),
    ),
    ...(config.testNoFailedUnits ? [{ kind: "failed-units", name: "failed-units" } as const] : []),
  ];
}
