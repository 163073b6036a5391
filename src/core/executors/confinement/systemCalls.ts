import { mkdtempSync, openSync, rmdirSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

// A filter of system calls in the machine language that the kernel takes (classic BPF): for what no namespace
// separates. Sockets of other kinds than the network's and Unix's would reach the host of a virtual machine; the
// kernel's keyring is inherited with the user's session; io_uring makes sockets past every filter.

/** One system of numbers for each processor that is known here. */
const MACHINES = {
  x64: { audit: 0xc000003e, socket: 41, ioctl: 16, keys: [248, 249, 250] },
  arm64: { audit: 0xc00000b7, socket: 198, ioctl: 29, keys: [217, 218, 219] },
} as const;
/** `io_uring_setup`: the same number everywhere. */
const IO_URING = 425;
/** On x64, numbers from here on belong to another interface of the same calls. */
const OTHER_INTERFACE = 0x4000_0000;
/** Unix, IPv4, IPv6, and what lists a machine's network interfaces. */
const SOCKET_FAMILIES = [1, 2, 10, 16];
/** Requests that type into a terminal: TIOCSTI, TIOCLINUX. */
const TYPING = [0x5412, 0x541c];

const Errno = { EPERM: 1, ENOSYS: 38, EAFNOSUPPORT: 97 } as const;
/** Where the kernel shows a call to a filter: its number, the processor, and its arguments' lower halves. */
const Offset = { NUMBER: 0, MACHINE: 4, FIRST_ARGUMENT: 16, SECOND_ARGUMENT: 24 } as const;

type Instruction = readonly [code: number, ifTrue: number, ifFalse: number, value: number];

const load = (offset: number): Instruction => [0x20, 0, 0, offset];
const allow: Instruction = [0x06, 0, 0, 0x7fff_0000];
const refuse = (errno: number): Instruction => [0x06, 0, 0, 0x0005_0000 | errno];
/** Goes on where the value is equal, otherwise leaves out `skipped` instructions. */
const ifEqual = (value: number, skipped: number): Instruction => [0x15, 0, skipped, value];
const ifAtLeast = (value: number, skipped: number): Instruction => [0x35, 0, skipped, value];
/** What happens where the value is equal; otherwise it goes on behind. */
const when = (value: number, then: readonly Instruction[]) => [ifEqual(value, then.length), ...then];

/** The filter for this machine's processor; undefined where its numbers are not known. */
function assembleFilter(): Buffer | undefined {
  const machine = Object.entries(MACHINES).find(([name]) => name === process.arch)?.[1];
  if (!machine) return undefined;
  const program = [
    load(Offset.MACHINE),
    [0x15, 1, 0, machine.audit] as const,
    refuse(Errno.ENOSYS),
    load(Offset.NUMBER),
    ...(process.arch === 'x64' ? [ifAtLeast(OTHER_INTERFACE, 1), refuse(Errno.ENOSYS)] : []),
    ...[IO_URING, ...machine.keys].flatMap((call) => when(call, [refuse(Errno.ENOSYS)])),
    ...when(machine.socket, [
      load(Offset.FIRST_ARGUMENT),
      ...SOCKET_FAMILIES.flatMap((family) => when(family, [allow])),
      refuse(Errno.EAFNOSUPPORT),
    ]),
    ...when(machine.ioctl, [
      load(Offset.SECOND_ARGUMENT),
      ...TYPING.flatMap((request) => when(request, [refuse(Errno.EPERM)])),
      allow,
    ]),
    allow,
  ];
  return Buffer.concat(program.map(encode));
}

/** As the kernel of a little-endian machine reads it. */
function encode([code, ifTrue, ifFalse, value]: Instruction): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt16LE(code, 0);
  bytes.writeUInt8(ifTrue, 2);
  bytes.writeUInt8(ifFalse, 3);
  bytes.writeUInt32LE(value, 4);
  return bytes;
}

let file: string | undefined;

/**
 * A file with the filter for this machine's processor, as long as this process lives; undefined where none is known.
 * It has no name in any folder, so that nothing is left of it.
 */
export function systemCallFilter(): string | undefined {
  const filter = file === undefined ? assembleFilter() : undefined;
  if (filter) {
    const folder = mkdtempSync(path.join(tmpdir(), 'python-code-mode-'));
    const named = path.join(folder, 'filter');
    try {
      writeFileSync(named, filter);
      file = `/proc/${process.pid}/fd/${openSync(named, 'r')}`;
    } finally {
      unlinkSync(named);
      rmdirSync(folder);
    }
  }
  return file;
}
