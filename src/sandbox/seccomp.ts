// A seccomp filter that answers the sync family of system calls with success and does nothing: what is written in a
// workspace is thrown away after a crash anyway, so waiting for the disk buys nothing.
// Format: struct sock_filter of <linux/filter.h>, as seccomp(2) describes it.

/** Per Node architecture: the audit architecture and the numbers of sync, fsync, fdatasync, syncfs, msync, sync_file_range. */
const SYNC_CALLS: Readonly<Record<string, { readonly audit: number; readonly calls: readonly number[] }>> = {
  x64: { audit: 0xc000003e, calls: [162, 74, 75, 306, 26, 277] },
  arm64: { audit: 0xc00000b7, calls: [81, 82, 83, 267, 227, 84] },
};

const LOAD_WORD = 0x20; // BPF_LD | BPF_W | BPF_ABS
const JUMP_IF_EQUAL = 0x15; // BPF_JMP | BPF_JEQ | BPF_K
const RETURN = 0x06; // BPF_RET | BPF_K
const ALLOW = 0x7fff0000;
/** SECCOMP_RET_ERRNO with error 0: the call "succeeds". */
const PRETEND_SUCCESS = 0x00050000;

/** The filter as `bwrap --seccomp` reads it; undefined on architectures whose numbers are not in the table. */
export function syncFilter(architecture: string = process.arch): Buffer | undefined {
  const table = SYNC_CALLS[architecture];
  if (table === undefined) return undefined;
  const count = table.calls.length;
  const instructions: [code: number, jumpTrue: number, jumpFalse: number, value: number][] = [
    [LOAD_WORD, 0, 0, 4], // seccomp_data.arch
    [JUMP_IF_EQUAL, 0, count + 1, table.audit],
    [LOAD_WORD, 0, 0, 0], // seccomp_data.nr
    ...table.calls.map((call, index): [number, number, number, number] => [JUMP_IF_EQUAL, count - index, 0, call]),
    [RETURN, 0, 0, ALLOW],
    [RETURN, 0, 0, PRETEND_SUCCESS],
  ];
  const buffer = Buffer.alloc(instructions.length * 8);
  for (const [index, [code, jumpTrue, jumpFalse, value]] of instructions.entries()) {
    buffer.writeUInt16LE(code, index * 8);
    buffer.writeUInt8(jumpTrue, index * 8 + 2);
    buffer.writeUInt8(jumpFalse, index * 8 + 3);
    buffer.writeUInt32LE(value, index * 8 + 4);
  }
  return buffer;
}
