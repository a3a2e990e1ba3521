"""Replies on their way back: into the answer that Teams waits for where it takes one, else right after it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session

from integrations.teams.background_replies import BackgroundReplies
from integrations.teams.forms import fits, form_card
from integrations.teams.names import NAME
from integrations.teams.parsing import Where
from integrations.teams.posting import ADAPTIVE, Posting, attached
from integrations.teams.render import OPEN_FORM, Content, Parts, Surface, message
from integrations.teams.reply_context import ReplyContext
from integrations.teams.texts import Element, cut_bytes, one_line
from workbot.cards import Button, Buttons, Card, Form, Text, plain_text
from workbot.cards.forms import sent, sent_already
from workbot.chat.forms import AskedForm, KeptForms, stored_key
from workbot.chat.replies import card_of, is_public, way_in
from workbot.platforms import Host
from workbot.seals import Tagger
from workbot.turns import Again, Ask, Reject, Replace, Reply, Say

# The way into a form that is kept where no dialog opens: it is filled in where the button stood.
FORM_HERE = "teams.form_here"
WORDS = "application/vnd.microsoft.activity.message"
LONGEST_NOTICE = 1500
LONGEST_TITLE = 150
Answer = dict[str, Any]


class Replies:
    """Shows replies where Teams people expect them."""

    def __init__(self, host: Host, posting: Posting, background: BackgroundReplies) -> None:
        self.host = host
        self.posting = posting
        self.background = background
        self.forms = KeptForms(host, NAME)
        self._names = Tagger(host.settings.secrets, "teams.form")

    def key(self, where: Where, shown: str = "") -> str:
        """The name of a form that an activity asks for, or of one that it shows again: the same when it comes again.

        What follows the dot names the showing.
        """
        said = f"{where.tenant}|{where.user}|{where.conversation}|{where.activity}"
        return f"{stored_key(shown) or self._names.tag(said)}.{self._names.tag(f'shown|{said}')}"

    def keep(self, session: Session, reply: Reply, *, context: ReplyContext) -> None:
        """Keep the form of a reply, in the transaction of the turn."""
        if isinstance(reply, Ask):
            self.forms.keep(session, reply.form, context.key, context.where.sender, context.origin)

    async def to_press(self, context: ReplyContext, reply: Reply) -> Answer:
        """What Teams is answered to a button: a card in its place, or words for whoever pressed it."""
        lang = context.lang
        match reply:
            case Ask(form=form):
                return self._in_place(self._form(form, context, context.surface))
            case Reject(errors=errors) if context.asked:
                return self._in_place(self._again(context, context.asked, errors=errors, surface=context.surface))
            case Say(card=card, refused=True) if context.asked:
                return self._in_place(self._again(context, context.asked, notice=card, surface=context.surface))
            case Again(sent_as=sent_as, same=same) if context.asked:
                card = sent_already(sent_as, lang, same=same)
                if same:
                    return await self._sent_in_place(context, card)
                return self._in_place(self._again(context, context.asked, notice=card, surface=context.surface))
            case Say(card=card, sent_as=sent_as) if context.asked:
                return await self._sent_in_place(context, sent(card, sent_as, lang))
            case Replace(card=card) if context.message or context.where.is_targeted:
                parts = await self.posting.draw(card, context.locale, context.where.address, context.surface)
                if context.message:
                    self.background.put(context.where, context.message, card, context.locale)
                return self._in_place(parts.first)
            case Say(card=card, refused=True):
                return _words(card)
            case Say(card=card) | Replace(card=card):
                return await self._beside(context, card, public=is_public(reply))
            case Reject(errors=errors):
                return {"statusCode": 200, "type": WORDS, "value": "\n".join(errors.values())}
        return {"statusCode": 200, "type": WORDS, "value": lang("Done")}

    async def to_dialog(self, context: ReplyContext, reply: Reply, *, is_open: bool) -> Answer:
        """What Teams is answered where a dialog is to open or, once it `is_open`, goes on or closes."""
        lang = context.lang
        match reply:
            case Ask(form=form):
                return _dialog(form.title, self._form(form, context, "dialog"))
            case Reject(errors=errors) if context.asked:
                return _dialog(
                    context.asked.form.title, self._again(context, context.asked, errors=errors, surface="dialog")
                )
            case Say(card=card, refused=True) if context.asked:
                return _dialog(
                    context.asked.form.title, self._again(context, context.asked, notice=card, surface="dialog")
                )
            case Again(sent_as=sent_as, same=same) if context.asked:
                card = sent_already(sent_as, lang, same=same)
                if same:
                    return await self._shown(context, card)
                return _dialog(
                    context.asked.form.title, self._again(context, context.asked, notice=card, surface="dialog")
                )
            case Say(card=card, sent_as=sent_as) if context.way_in:
                self.background.put(context.where, context.way_in, sent(card, sent_as, lang), context.locale)
                return await self._shown(context, card)
            case Replace(card=card) if context.message:
                self.background.put(context.where, context.message, card, context.locale)
                return {} if is_open else _said(lang("Done"))
            case Say(card=card) | Replace(card=card):
                return await self._shown(context, card)
            case Reject(errors=errors):
                return _said("\n".join(errors.values()))
        return {} if is_open else _said(lang("Done"))

    async def to_words(self, context: ReplyContext, reply: Reply, under: str = "") -> None:
        """What is said back to something typed: where others read along, to the person alone unless it is for all."""
        if isinstance(reply, Ask):
            # Nothing opens a form from a line that was typed: the way to it is a button.
            reply = Say(self.way_in(reply.form, context))
        if context.asked and context.where.message and self._put_form(context, context.asked, reply):
            return
        if isinstance(reply, Replace) and context.message:
            self.background.put(context.where, context.message, reply.card, context.locale)
        elif reply is not None:
            card, public = card_of(reply, context.lang), is_public(reply)
            self.background.say(context.where, card, context.locale, public=public, under=under)

    def _put_form(self, context: ReplyContext, asked: AskedForm, reply: Reply) -> bool:
        """Put in the place of a form, whose client sends it as a message, what came of it; whether there is something
        to put there."""
        lang, here = context.lang, context.where.message
        match reply:
            case Again(sent_as=sent_as, same=False):
                notice = sent_already(sent_as, lang, same=False)
                parts = Parts(
                    self._again(context, asked, notice=notice, surface="message"), (), {}, asked.form.title or "workbot"
                )
                self.background.put(context.where, here, parts, context.locale)
            case Say(card=card, sent_as=sent_as, refused=False):
                self.background.put(context.where, here, sent(card, sent_as, lang), context.locale)
            case _:
                return False
        return True

    def way_in(self, form: Form, context: ReplyContext) -> Card:
        here = Button(context.lang("Fill it in here"), FORM_HERE, context.key)
        return way_in(form, context.lang, context.key, OPEN_FORM, (here,))

    def _form(self, form: Form, context: ReplyContext, surface: Surface) -> Element:
        card = form_card(form, context.lang, self.posting.seal, key=context.key, surface=surface)
        return card if fits(card) else self._too_large(form, context)

    def _again(
        self,
        context: ReplyContext,
        asked: AskedForm,
        *,
        surface: Surface,
        errors: Mapping[str, str] | None = None,
        notice: Card | None = None,
    ) -> Element:
        """A form given back, with everything that was filled in. What was refused is, sent again, another turn."""
        form = asked.form
        card = form_card(
            form,
            context.lang,
            self.posting.seal,
            key=self.key(context.where, context.shown) if notice else context.shown,
            surface=surface,
            values=context.values,
            errors=errors,
            notice=notice,
        )
        return card if fits(card) else self._too_large(form, context)

    def _too_large(self, form: Form, context: ReplyContext) -> Element:
        lang = context.lang
        text = Text(lang("This form is too long for Teams. In the web chat there is room for it."))
        link = Buttons((Button(lang("Open the web chat"), url=f"{self.host.settings.url}/chat"),))
        content = Content(Card(form.title, (text, link)), lang, self.host.settings.url)
        return message(content, self.posting.seal, "dialog").first

    async def _shown(self, context: ReplyContext, card: Card) -> Answer:
        """A card in a dialog; what of it does not fit there is in the person's own conversation, whole."""
        parts = await self.posting.draw(card, context.locale, context.where.address, "dialog")
        if parts.rest:
            self.background.say_alone(context.where, card, context.locale)
        return _dialog(card.title, parts.first)

    async def _beside(self, context: ReplyContext, card: Card, *, public: bool) -> Answer:
        """A card besides the one that was pressed: as a message of its own, or in words to who pressed it."""
        lang, spoken = context.lang, plain_text(card)
        is_short = not any(isinstance(element, Buttons) for element in card.body) and len(spoken) < LONGEST_NOTICE
        if context.where.place and not public and is_short:
            return _words(card)
        self.background.say(context.where, card, context.locale, public=public)
        alone = lang("My answer is for you alone, here or in our own chat.")
        said = card.title if public or context.where.is_own else alone
        return {"statusCode": 200, "type": WORDS, "value": one_line(said) or lang("Done")}

    async def _sent_in_place(self, context: ReplyContext, card: Card) -> Answer:
        """What came of a form, where it stood: it cannot be sent from there any more."""
        parts = await self.posting.draw(card, context.locale, context.where.address, context.surface)
        if context.way_in:
            self.background.put(context.where, context.way_in, card, context.locale)
        elif parts.rest:
            self.background.say(context.where, card, context.locale, public=False)
        return self._in_place(parts.first)

    def _in_place(self, card: Element) -> Answer:
        return {"statusCode": 200, "type": ADAPTIVE, "value": card}


def _words(card: Card) -> Answer:
    return {"statusCode": 200, "type": WORDS, "value": cut_bytes(plain_text(card), LONGEST_NOTICE) or "–"}


def _dialog(title: str, card: Element) -> Answer:
    """A dialog, high enough for a form where it is one."""
    height = "large" if "actions" in card else "medium"
    shown = {"title": cut_bytes(one_line(title), LONGEST_TITLE) or "workbot", "width": "medium", "height": height}
    return {"task": {"type": "continue", "value": shown | {"card": attached(card)}}}


def _said(text: str) -> Answer:
    return {"task": {"type": "message", "value": text or "–"}}
