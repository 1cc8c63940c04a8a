import random, sys, math, tempfile, pathlib, time
from tests.server import Contents, RunContents, TestServer
from tests.sources.server.remote import Remote
from tests.sources.server.test_shapes import history, types
from wandb_plot.sources.rows import columns_from_rows
from tests.server.rows import spoken

def value(r):
    k=r.randrange(12)
    return [lambda:r.random(),lambda:r.randrange(-5,5),lambda:math.nan,lambda:math.inf,lambda:"word",lambda:"12",lambda:True,lambda:[1,2],lambda:{"_type":"image-file","path":"p"},lambda:{"x":r.random(),"y":{"z":r.choice([1.5,"w",None])}},lambda:None,lambda:10**30][k]()
def run(seed):
    r=random.Random(seed)
    n=r.randrange(1,50); step=0; rows=[]
    names=["a","b","c.d","e/f",""]
    kinds={m: r.choice(["num","any"]) for m in names}
    for i in range(n):
        row={"_step":step}; step+=r.choice([1,1,1,5,100])
        for m in names:
            if r.random()<.6: row[m]= r.random() if kinds[m]=="num" else value(r)
        rows.append(row)
    cuts=sorted(r.sample(range(n+1),min(n+1,r.randrange(0,5))))
    exports=[(a,b) for a,b in zip(cuts,cuts[1:]) if r.random()<.7]
    if exports and r.random()<.3: exports.append(exports[0])
    r.shuffle(exports)
    c=RunContents("abc",rows=rows,exports=exports,export_style=r.choice(["flat","nested","binary"]),reports_live=r.random()<.5,
        last_step_said=r.choice([None,None,0.0,3.0,rows[-1]["_step"]+50.0]),nested_keys=r.random()<.3,bare_tokens=r.random()<.3)
    return c
with tempfile.TemporaryDirectory() as d, Remote(pathlib.Path(d)) as remote:
    end=time.time()+float(sys.argv[1]); seed=int(sys.argv[2])
    while time.time()<end:
        c=run(seed)
        with TestServer(Contents.of(c)) as server:
            read,said=remote(server.env,history,None)
            known=remote(server.env,types)
        want=columns_from_rows([row if c.bare_tokens else row for row in c.rows])
        got={n:(x.type,x.steps.tolist(),repr(x.values.tolist()),x.non_null) for n,x in read.columns.items()}
        exp={n:(x.type,x.steps.tolist(),repr(x.values.tolist()),x.non_null) for n,x in want.items()}
        if got!=exp or said:
            print("seed",seed,c.export_style,c.exports,c.reports_live,c.last_step_said,said)
            for n in sorted(got.keys()|exp.keys()):
                if got.get(n)!=exp.get(n): print("  ",repr(n),"got",got.get(n),"want",exp.get(n))
        kt={n:x.type for n,x in read.columns.items()}
        if kt!=known: print("seed",seed,"types",{n:(kt.get(n),known.get(n)) for n in kt.keys()|known.keys() if kt.get(n)!=known.get(n)}, [ [row.get(n) for row in c.rows] for n in kt.keys()|known.keys() if kt.get(n)!=known.get(n)][:1])
        seed+=1
    print("done",seed)
