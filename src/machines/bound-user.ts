// BindUser=: who it is that exists in a container or machine, too.

import type { Image } from "../config/project.ts";
import { Failure } from "../report/failure.ts";

/** The user who calls us, also by sudo. Root cannot be mapped. @throws {Failure} */
export function boundUser({
  image,
  environment,
}: {
  readonly image: Image;
  readonly environment: Readonly<Record<string, string | undefined>>;
}): string {
  const names = [environment["LOGNAME"], environment["USER"], environment["SUDO_USER"]];
  const user = names.find((name) => name !== undefined && name !== "" && name !== "root");
  if (user !== undefined) return user;
  throw new Failure("BindUser=yes binds the user who calls mkosi, and root cannot be bound", {
    origin: image.origin("bindUser"),
    remedy: "call mkosi by sudo, or name the user in $LOGNAME",
  });
}
