#include <stdint.h>

/// What a file says of the machine that a program runs on, which may change while the program runs: eight bytes each, in
/// the order of the machine.
struct faults {
    /// Microseconds by which the wall clock is ahead.
    int64_t clock_shift;
    /// Of the disk: an error that each flush ends with, and one that each write ends with; 0 for none.
    int64_t flush_error, write_error;
    /// Microseconds that each flush takes longer.
    int64_t flush_delay;
    /// Bytes that the disk says are free; 0 for as many as there are.
    int64_t free_bytes;
    /// How often the disk has failed, as the program met with it.
    int64_t struck;
};

/// As the file that MACHINE_FAULTS names says; no faults where it names none.
volatile struct faults *machine_faults(void);
