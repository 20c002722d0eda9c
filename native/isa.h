// The build compiles each kernel once per instruction set, with UNSPOOL_ISA its name: lstm_forward_avx2 and so on.
#ifndef UNSPOOL_ISA_H_
#define UNSPOOL_ISA_H_

#define UNSPOOL_JOIN(name, isa) name##_##isa
#define UNSPOOL_JOIN_EXPANDED(name, isa) UNSPOOL_JOIN(name, isa)
#define UNSPOOL_NAME(name) UNSPOOL_JOIN_EXPANDED(name, UNSPOOL_ISA)

// X for each of these instruction sets, best first, as kernels.cmake lists them.
#if defined(__x86_64__)
#define UNSPOOL_FOR_EACH_ISA(X) X(avx512) X(avx2) X(baseline)
#else
#define UNSPOOL_FOR_EACH_ISA(X) X(baseline)
#endif

#endif  // UNSPOOL_ISA_H_
