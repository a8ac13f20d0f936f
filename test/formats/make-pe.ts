// Makes small PE files for tests.

const ALIGNMENT = 512;

/** A PE32+ file for x86-64 with these sections, each padded to 512 bytes. */
export function makePe(sections: Readonly<Record<string, string>>): Buffer {
  const entries = Object.entries(sections);
  const optionalSize = 240;
  const start = 128;
  const header = Buffer.alloc(Math.ceil((start + 24 + optionalSize + entries.length * 40) / ALIGNMENT) * ALIGNMENT);
  header.write("MZ", 0);
  header.writeUInt32LE(start, 0x3c);
  header.write("PE\0\0", start);
  header.writeUInt16LE(0x8664, start + 4);
  header.writeUInt16LE(entries.length, start + 6);
  header.writeUInt16LE(optionalSize, start + 20);
  let offset = header.length;
  const data: Buffer[] = [];
  for (const [index, [name, content]] of entries.entries()) {
    const at = start + 24 + optionalSize + index * 40;
    const padded = Buffer.alloc(Math.ceil(content.length / ALIGNMENT) * ALIGNMENT, 0xff);
    padded.write(content);
    header.write(name, at);
    header.writeUInt32LE(content.length, at + 8);
    header.writeUInt32LE(padded.length, at + 16);
    header.writeUInt32LE(offset, at + 20);
    offset += padded.length;
    data.push(padded);
  }
  return Buffer.concat([header, ...data]);
}
