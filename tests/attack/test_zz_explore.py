import time, json, pytest
from tests.attack.asking import *
from django.urls import NoReverseMatch
VALUES = ["\x00", "²", "0001-01-01", "9999-12-31", "9"*30, "nan"]
@pytest.mark.django_db
def test_gets(world, monkeypatch):
    t=time.process_time(); out={}; n=0; names_all={}
    log=open('/tmp/att/gets.log','w')
    for row in GETS:
        p=reader(row); c=browser(world,p)
        try:
            with taken_back(): kwargs=row.kwargs(world); q=row.query(world,p)
            kwargs=row.kwargs(world); url=address(row,world); q=row.query(world,p)
        except Exception as e:
            print("ERR",row.label,e,file=log,flush=True); continue
        with noted_names(monkeypatch) as names:
            b=struck(lambda: c.get(url,q))
        if b: print("BASE", row.label, b,file=log,flush=True)
        names={x for x in names if x!='csrfmiddlewaretoken'}|set(q)
        names_all[row.label]=sorted(names)
        for name in sorted(names):
            for v in VALUES:
                n+=1
                w=struck(lambda: c.get(url,{**q,name:v}))
                if w: print("FALL",row.name,name,repr(v[:12]),w,file=log,flush=True)
        for k,old in kwargs.items():
            for v in ["\x00","²"*3,"9"*40,"a"*300,"%2e%2e","0"]:
                if isinstance(old,int): v={"\x00":0,"0":2**63}.get(v,10**30)
                try: u=reverse(row.name,kwargs={**kwargs,k:v})
                except NoReverseMatch: continue
                n+=1
                w=struck(lambda: c.get(u,q))
                if w: print("PATH",row.name,k,repr(v)[:30],w,file=log,flush=True)
    print("asked",n,time.process_time()-t,file=log,flush=True)
    json.dump(names_all,open('/tmp/att/names.json','w'),ensure_ascii=False,indent=1)
