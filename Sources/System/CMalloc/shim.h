// The allocator's settings, where the C library has any.
#if defined(__GLIBC__) || __has_include(<malloc.h>)
#include <malloc.h>
#endif
