"""What is said about a case on its way: supervision, instructions, urges, remarks, watches."""

from collections.abc import Sequence

from cases.models import Instruction, Supervision
from cases.services import comments, supervision
from inspections.demo.acting import Actor
from inspections.demo.scripts import Act


class AsideActs(Actor):
    """The acts that leave a case where it stands."""

    def do_supervise(self, act: Act, pictures: Sequence[bytes]) -> None:
        """A supervisor watches over it."""
        assert act.until is not None
        supervision.supervise_case(
            case_id=self.filed().pk,
            actor=self.part(act.who),
            at=act.at,
            version=None,
            until=act.until,
            note=act.words,
        )

    def do_lift(self, act: Act, pictures: Sequence[bytes]) -> None:
        """The supervision ends before the case does."""
        supervision.lift_supervision(
            supervision_id=Supervision.objects.get(case=self.filed()).pk,
            actor=self.part(act.who),
            at=act.at,
            version=None,
            note=act.words,
        )

    def do_instruct(self, act: Act, pictures: Sequence[bytes]) -> None:
        """The leadership says something that must be answered."""
        supervision.instruct_case(
            case_id=self.filed().pk,
            actor=self.part(act.who),
            at=act.at,
            version=None,
            note=act.words,
        )

    def do_answer(self, act: Act, pictures: Sequence[bytes]) -> None:
        """The answer."""
        supervision.answer_instruction(
            instruction_id=Instruction.objects.get(case=self.filed()).pk,
            actor=self.part(act.who),
            at=act.at,
            version=None,
            note=act.words,
        )

    def do_urge(self, act: Act, pictures: Sequence[bytes]) -> None:
        """Please hurry."""
        supervision.urge_case(
            case_id=self.filed().pk,
            actor=self.part(act.who),
            at=act.at,
            version=None,
            note=act.words,
        )

    def do_comment(self, act: Act, pictures: Sequence[bytes]) -> None:
        """A remark, perhaps with a photo, perhaps to somebody."""
        actor = self.part(act.who)
        mentioned = self.part(act.to) if act.to else actor
        comments.comment_case(
            case_id=self.filed().pk,
            actor=actor,
            at=act.at,
            version=None,
            note=act.words,
            photo_ids=self.photos(actor, act, pictures),
            mention_ids=[] if mentioned == actor else [mentioned.pk],
        )

    def do_watch(self, act: Act, pictures: Sequence[bytes]) -> None:
        """Somebody wants to hear of it."""
        comments.watch_case(case=self.filed(), actor=self.stage.people[act.who], at=act.at)
