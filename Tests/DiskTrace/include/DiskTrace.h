#ifndef DISK_TRACE_H
#define DISK_TRACE_H

/// Linked into a program, this library stands between LMDB and the system: it writes down, in order, every write and
/// flush of a database file, so that each state which the disk may be left in by a power cut can be rebuilt. It can
/// also make a chosen write or flush fail.
///
/// DISK_TRACE=FILE         where to write the trace
/// DISK_TRACE_UNSYNCED=1   a planted fault: flushes are left out, as with MDB_NOSYNC
/// DISK_FAIL_FLUSH=N       the Nth flush of a database fails with EIO
/// DISK_FAIL_META=N        the Nth synchronous write (LMDB's meta page) fails with EIO
/// DISK_FULL_AFTER=BYTES   writes past as many bytes fail with ENOSPC
///
/// An entry of the trace is: kind (1 byte), offset (8), length (8), `length` bytes. Numbers are little-endian. Kinds:
/// W a write begins, D the write before it is durable, T the file gets this length, S a flush begins, F it is done,
/// A an acknowledgement: what the program wrote to a file named "acknowledgements".
void disk_trace_begin(void);

#endif
