// The generator of lrreg_utils/theory/counter_rng.py: number i of a stream is a hash of i and of the stream's key.

function mix(x) {
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return x ^ (x >>> 16);
}

export function makeRng(seed, stream = 0) {
  const start = mix((seed + 0x9e3779b9 * (stream + 1)) >>> 0);
  const key = mix(start ^ 0x85ebca6b);
  let position = 0;
  const uniform = (count) => {
    const found = new Float64Array(count);
    for (let i = 0; i < count; i++) {
      const bits = mix(mix((position + i + start) | 0) ^ key) >>> 0;
      found[i] = (bits + 0.5) / 4294967296;
    }
    position = (position + count) >>> 0;
    return found;
  };
  const normal = (count) => {
    const half = (count + 1) >> 1;
    const u = uniform(2 * half);
    const found = new Float64Array(count);
    for (let i = 0; i < half; i++) {
      const radius = Math.sqrt(-2 * Math.log(u[i])), angle = 2 * Math.PI * u[half + i];
      found[i] = radius * Math.cos(angle);
      if (half + i < count) found[half + i] = radius * Math.sin(angle);
    }
    return found;
  };
  return { uniform, normal };
}
