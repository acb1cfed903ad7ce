// The two loops that take nearly all of the time of hidden.mjs: as WebAssembly, and the same in plain JavaScript for
// browsers without its 128-bit numbers. scripts/kernels.wat says what they compute; places and strides are in bytes.
// COMPILED is written by scripts/kernels_wasm.py.
const COMPILED = "AGFzbQEAAAABGAJgCn9/f39/f39/f38AYAd/f39/fX19AAIOAQJqcwZtZW1vcnkCAAEDAwIAAQcRAgdwcm9kdWN0AAADc2dkAAEKsQQCnwMCBn8LewNAQQAhCwNA/QwAAAAAAAAAAAAAAAAAAAAAIRMgEyEXIBMhFCATIRggEyEVIBMhGSATIRYgEyEaIAMgCyAEbGohDSAGIApqIQ4gAiEMA0AgDv0ABAAhECAO/QAEECERIA0hDyAP/QkCACESIBMgEiAQ/eYB/eQBIRMgFyASIBH95gH95AEhFyAPIARqIg/9CQIAIRIgFCASIBD95gH95AEhFCAYIBIgEf3mAf3kASEYIA8gBGoiD/0JAgAhEiAVIBIgEP3mAf3kASEVIBkgEiAR/eYB/eQBIRkgDyAEaiIP/QkCACESIBYgEiAQ/eYB/eQBIRYgGiASIBH95gH95AEhGiANIAVqIQ0gDiAHaiEOIAxBAWsiDA0ACyAIIApqIAsgCWxqIQ8gDyAT/QsEACAPIBf9CwQQIA8gCWohDyAPIBT9CwQAIA8gGP0LBBAgDyAJaiEPIA8gFf0LBAAgDyAZ/QsEECAPIAlqIQ8gDyAW/QsEACAPIBr9CwQQIAtBBGoiCyAASQ0ACyAKQSBqIgogAUECdEkNAAsLjQECAX8GeyAE/RMhCCAF/RMhCSAG/RMhCiAAIQcDQCAB/QAEACELIAL9AAQAIAogC/3mAf3kASEMIAP9AAQAIAn95gEgDP3kASENIAMgDf0LBAAgASALIAggDCAJIA395gH95AH95gH95QH9CwQAIAFBEGohASACQRBqIQIgA0EQaiEDIAdBBGsiBw0ACwsA/AEEbmFtZQLCAQIAGwAEcm93cwEHY29sdW1ucwIFZGVwdGgDAWEEAmFpBQJhawYBYgcCYmsIAWMJAmNpCgFqCwFpDAFrDQFwDgFxDwJ0bxAEbGVmdBEFcmlnaHQSAXgTAmMwFAJjMRUCYzIWAmMzFwJkMBgCZDEZAmQyGgJkMwEOAAVjb3VudAEBdwIBZwMBdgQEcmF0ZQUIbW9tZW50dW0GBWRlY2F5BwRsZWZ0CAFyCQFtCgFkCwZ3ZWlnaHQMBHB1bGwNBXNwZWVkAzACAAMADG92ZXJfY29sdW1ucwEJb3Zlcl9yb3dzAgpvdmVyX2RlcHRoAQEABG5leHQ=";
const PAGE_BYTES = 65536;

function plain(buffer) {
  const all = new Float32Array(buffer);
  function product(rows, columns, depth, a, ai, ak, b, bk, c, ci) {
    const [A, AI, AK, B, BK, C, CI] = [a, ai, ak, b, bk, c, ci].map((bytes) => bytes >> 2);
    for (let j = 0; j < columns; j += 4) {
      for (let i = 0, to = C + j; i < rows; i++, to += CI) {
        let p = 0, q = 0, r = 0, t = 0;
        for (let k = 0, x = A + i * AI, y = B + j; k < depth; k++, x += AK, y += BK) {
          const factor = all[x];
          p += factor * all[y];
          q += factor * all[y + 1];
          r += factor * all[y + 2];
          t += factor * all[y + 3];
        }
        all[to] = p;
        all[to + 1] = q;
        all[to + 2] = r;
        all[to + 3] = t;
      }
    }
  }
  function sgd(count, w, g, v, rate, momentum, decay) {
    const [W, G, V] = [w, g, v].map((bytes) => bytes >> 2);
    for (let i = 0; i < count; i++) {
      const pull = all[G + i] + decay * all[W + i];
      all[V + i] = momentum * all[V + i] + pull;
      all[W + i] -= rate * (pull + momentum * all[V + i]);
    }
  }
  return { buffer, product, sgd };
}

// The loops over a buffer of at least so many bytes: { buffer, product, sgd }.
export function makeKernels(bytes, wanted = COMPILED) {
  const pages = Math.ceil(bytes / PAGE_BYTES);
  try {
    const code = Uint8Array.from(atob(wanted), (sign) => sign.charCodeAt(0));
    const memory = new WebAssembly.Memory({ initial: pages });
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(code), { js: { memory } });
    return { buffer: memory.buffer, product: exports.product, sgd: exports.sgd };
  } catch {
    return plain(new ArrayBuffer(pages * PAGE_BYTES));
  }
}
