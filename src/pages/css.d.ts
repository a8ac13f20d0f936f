// esbuild puts what is imported so into a file of its own.

declare module "*.css";
