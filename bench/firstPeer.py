"""Prints the seconds from a network to its Gram matrix of 100 rows, of neural-tangents in a fresh process."""
import sys, time, types
sys.modules['neural_tangents.experimental'] = types.ModuleType('neural_tangents.experimental')  # imports what is not there
import jax, jax.numpy as jnp
from neural_tangents import stax

jax.config.update('jax_enable_x64', True)
x = jax.block_until_ready(jnp.sin(jnp.arange(10000.0) ** 2).reshape(100, 100))

start = time.perf_counter()
dense = stax.Dense(1, W_std=2 ** .5, b_std=.1)
kernel = stax.serial(*[dense, stax.Relu()] * 5, dense)[2]
jax.block_until_ready(jax.jit(lambda x: kernel(x, None, 'ntk'))(x))
print(time.perf_counter() - start)
