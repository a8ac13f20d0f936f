// The version of this program. Its first two numbers say which release of the configuration language it reads.

export const VERSION = "27.1.0";
