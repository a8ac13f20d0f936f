// How the program tells itself, executed again inside a namespace, that it is there. Apart from namespace.ts, as every
// start looks at it.

/** The environment variable that has the caller's user and group id there. */
export const NAMESPACE_MARK = "MKOSI_NAMESPACE";
