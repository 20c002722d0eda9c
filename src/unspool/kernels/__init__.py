"""The recurrent operations on JAX arrays: native code where there is one, a readable reference beside each."""
