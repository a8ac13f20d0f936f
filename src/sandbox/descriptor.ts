// Handing an open file to a child: execa takes any descriptor, its types only know the numbers 3 to 9.

/** A descriptor of ours in the form that execa's `stdio` accepts. */
export function inherited(descriptor: number): 3 {
  return descriptor as 3;
}
