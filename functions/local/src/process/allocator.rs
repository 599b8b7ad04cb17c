//! The local program's allocator: a request to the embedded store is many small allocations, see BENCHMARKS.md.

#[cfg(target_os = "linux")]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;
