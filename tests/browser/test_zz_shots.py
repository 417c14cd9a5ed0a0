import pytest
from datetime import timedelta
from tests import builders
from tests.city import NOW
from tests.inspections.test_documents import composed
from tests.inspections.word.papers import paper, opened, saved
from inspections.services import document_templates as keeping
from inspections.word.kinds import KINDS
pytestmark = pytest.mark.browser
def test_shots(visit, city, tmp_path):
    order=builders.closed(city)
    d=composed()
    k=KINDS["digest_daily"]
    keeping.upload_template(actor=city.admin,at=NOW,kind=k,seen=0,content=k.content,file_name="专报.docx",active_from=NOW.date(),note="换了红头")
    keeping.upload_template(actor=city.admin,at=NOW,kind=k,seen=1,content=k.content,file_name="专报.docx",active_from=NOW.date()+timedelta(days=3),note="")
    bad=tmp_path/"bad.docx"; bad.write_bytes(paper("{{ titel }}","{{ title }","前面的话{%p if teams %}后面的话", "{{ ''.__class__ }}", table=(("{%tr for line in problems %}",""),("{{ line.adress }}","x"))))
    for size in ("desk","phone"):
        p=visit("admin","/templates/",size); p.screenshot(path=f"/tmp/wp/list-{size}.png")
        p=visit("admin","/templates/digest_daily/",size); p.screenshot(path=f"/tmp/wp/kind-{size}.png"); p.screenshot(path=f"/tmp/wp/kind-{size}-full.png",full_page=True)
        p.get_by_label("Word 模板").set_input_files(bad); p.get_by_role("button",name="传上，到日子起用").click(); p.locator("#findings").wait_for(); p.screenshot(path=f"/tmp/wp/bad-{size}.png", full_page=True)
        p=visit("supervisor",f"/digests/{d.pk}/",size); p.screenshot(path=f"/tmp/wp/digest-{size}.png")
        p=visit("supervisor",f"/order-sheets/{order.number}/",size); p.screenshot(path=f"/tmp/wp/sheet-{size}.png")
    from inspections.documents import document_of
    from inspections.order_sheets import sheet_docx
    open("/tmp/wp/digest.docx","wb").write(document_of(d,at=NOW))
    open("/tmp/wp/sheet.docx","wb").write(sheet_docx(order,at=NOW))
    p=visit("supervisor",f"/digests/{d.pk}/")
    for name,url in (("digest",f"/digests/{d.pk}/pdf/"),("sheet",f"/order-sheets/{order.number}/pdf/")):
        r=p.context.request.get(url); open(f"/tmp/wp/{name}.pdf","wb").write(r.body())
