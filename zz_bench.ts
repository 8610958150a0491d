import { DEFAULT_PROFILE } from "./src/whir/profile.ts";
import { whirShape } from "./src/whir/whirShape.ts";
import { defaultOracles } from "./test/soundness/defaultShape.ts";
import { createKernels } from "./src/kernels/createKernels.ts";
import { ProverChannel } from "./src/hash/proverChannel.ts";
import { commitOracle, createWhirProver, maxLogDomain, nameOracle, recallSent, sendOracle } from "./src/whir/commit.ts";
import { proveOpening } from "./src/whir/open.ts";
import { evaluateColumns } from "./src/whir/evaluateColumns.ts";
import { verify, randomWords, randomPoint } from "./test/whir/fixtures.ts";
import { openingWords } from "./src/whir/openingWords.ts";
const logTrace=Number(process.argv[2]??22); const nClaims=Number(process.argv[3]??200);
const shape=whirShape(DEFAULT_PROFILE, defaultOracles(logTrace));
console.log(JSON.stringify(shape), openingWords(shape)*4/1024,"KiB");
const time=<T>(n:string,f:()=>T)=>{const t=performance.now();const r=f();console.log(n.padEnd(20),(performance.now()-t).toFixed(1),"ms");return r};
const prover=time("twiddles",()=>createWhirProver(createKernels(),maxLogDomain(shape)));
const stats=new Map<string,[number,number]>(); const raw=prover.kernels as any;
(prover as any).kernels=new Proxy({} as any,{get:(_t,k:string)=>(...a:any[])=>{const t0=performance.now();const r=raw[k](...a);const s=stats.get(k)??[0,0];stats.set(k,[s[0]+performance.now()-t0,s[1]+1]);return r}});
const {arena}=prover; const next=randomWords(5);
const ptrs=shape.oracles.map(o=>{const n=o.columns*2**(o.logSize-o.logFold);const p=arena.alloc(n);const w=arena.u32(p,n);let s=12345;for(let i=0;i<n;i++){s=(Math.imul(s,1103515245)+12345)>>>0;w[i]=(s>>>8)&0xffff;}return p});
const committed=shape.oracles.map((o,j)=>time("commit "+o.name,()=>commitOracle(prover,ptrs[j]!,o)));
const channel=new ProverChannel(); const names:any[]=[];
const sent=shape.oracles.map((o,j)=>time("ood "+o.name,()=>{ if(o.outOfDomain==="transcript") return sendOracle(prover,channel,shape,j,committed[j]!); const s=nameOracle(prover,shape,j,committed[j]!); names.push({root:s.committed.root,value:s.outOfDomain.value}); channel.observe(s.outOfDomain.value); return recallSent(channel,s)}));
const claims:any[]=[]; 
for(let i=0;i<nClaims;i++){ const k=logTrace-7+(i%3)-1; const off=(i*2**k)%2**logTrace; const point=randomPoint(next,k); claims.push({oracle:0,offset:off,point,value:evaluateColumns(prover,ptrs[0]!,1,32,off,point)[0]}); }
for(let j=1;j<4;j++) for (let i=0;i<3;i++){ const k=shape.oracles[j]!.logSize-i; const point=randomPoint(next,k); claims.push({oracle:j,offset:0,point,value:evaluateColumns(prover,ptrs[j]!,1,32,0,point)[0]});}
stats.clear();time("open",()=>proveOpening(prover,channel,shape,sent,claims));
for(const [k,[t,n]] of stats) console.log("  ",k.padEnd(18),t.toFixed(1),n);
const proof=channel.finish(); console.log(proof.length*4/1024,"KiB", "arena MB", arena.memory.buffer.byteLength/2**20);
for(let i=0;i<4;i++) console.log(time("verify",()=>verify(shape,claims,{proof,names})));
