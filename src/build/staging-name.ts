// The name of directories in which outputs are put together.

export const STAGING = ".mkosi-staging-";
