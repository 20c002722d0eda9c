// The build compiles each kernel once per instruction set, with UNSPOOL_ISA its name: lstm_forward_avx2 and so on.
#ifndef UNSPOOL_ISA_H_
#define UNSPOOL_ISA_H_

#define UNSPOOL_JOIN(name, isa) name##_##isa
#define UNSPOOL_JOIN_EXPANDED(name, isa) UNSPOOL_JOIN(name, isa)
#define UNSPOOL_NAME(name) UNSPOOL_JOIN_EXPANDED(name, UNSPOOL_ISA)

#endif  // UNSPOOL_ISA_H_
