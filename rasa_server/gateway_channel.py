"""The one door of the dialogue engine, for the one client it has: the gateway.

    POST   /webhooks/gateway/turn                    plays one turn
    POST   /webhooks/gateway/parse                   what is understood of a text
    GET    /webhooks/gateway/health                  200 when a turn could be played
    GET    /webhooks/gateway/conversations/<sender>  the slots of a conversation, null when there is none
    DELETE /webhooks/gateway/conversations/<sender>  forgets a conversation

Every route wants `Authorization: Bearer <token>`; the token stands in credentials.yml. A refused body is 422, a part
that fails 503, and a turn that failed left no trace, so that it can be sent again.
"""

import asyncio
import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from rasa.core.agent import Agent
from rasa.core.channels.channel import InputChannel, UserMessage
from rasa.core.processor import MessageProcessor
from rasa.engine.constants import PLACEHOLDER_MESSAGE
from rasa.nlu.classifiers.regex_message_handler import RegexMessageHandler
from rasa.shared.core.events import BotUttered, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.core.training_data.story_reader.yaml_story_reader import YAMLStoryReader
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import ENTITIES, INTENT, INTENT_NAME_KEY, PREDICTED_CONFIDENCE_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from redis.exceptions import RedisError
from sanic import Blueprint, Request
from sanic.exceptions import InvalidUsage
from sanic.response import HTTPResponse, empty, json

from rasa_server import turn
from rasa_server.expected import weighed
from rasa_server.lock_store import AtomicRedisLockStore
from rasa_server.pieces import Pieces, taken_apart
from rasa_server.tracker_store import TrimmedRedisTrackerStore

Body = dict[str, Any]


class Refused(ValueError):
    """The body of a request is not what the route takes; the message says why."""


@dataclass(frozen=True)
class Said:
    """What a customer said in one turn: a text, or the payload of a button."""

    sender: str
    message_id: str
    text: str | None
    payload: str | None
    metadata: Body

    @classmethod
    def from_body(cls, body: Any) -> "Said":
        """Raises `Refused`."""
        _demand(isinstance(body, dict), "the body must be a JSON object")
        text, payload, metadata = body.get("text"), body.get("payload"), body.get("metadata")
        for name in ("sender", "message_id"):
            _demand(_is_filled(body.get(name)), f"`{name}` must be a text that is not blank")
        _demand((text is None) != (payload is None), "give either `text` or `payload`, the other null")
        _demand(_is_filled(text if payload is None else payload), "`text` and `payload` must be texts, not blank")
        _demand(payload is None or payload.startswith("/"), "`payload` must begin with `/`")
        _demand(metadata is None or isinstance(metadata, dict), "`metadata` must be a JSON object")
        return cls(body["sender"], body["message_id"], text, payload, metadata or {})


class GatewayChannel(InputChannel):
    """In credentials.yml: `rasa_server.gateway_channel.GatewayChannel: {token: …}`."""

    def __init__(self, token: str) -> None:
        self._authorization = f"Bearer {token}".encode()

    @classmethod
    def name(cls) -> str:
        """The channel's place in the URL, and `input_channel` of its messages."""
        return "gateway"

    @classmethod
    def from_credentials(cls, credentials: Body | None) -> "GatewayChannel":
        """Raises `InvalidConfigException` without a token: a door without a lock is not opened."""
        token = (credentials or {}).get("token")
        if not _is_filled(token):
            raise InvalidConfigException("The gateway's channel in credentials.yml has no `token`.")
        return cls(token)

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """The routes. `on_new_message` is not used: it gives no answer back."""
        routes = Blueprint("gateway")
        routes.exception(Refused, InvalidUsage)(_refuse)
        routes.add_route(self._behind_token(_turn), "/turn", methods=["POST"])
        routes.add_route(self._behind_token(_parse), "/parse", methods=["POST"])
        routes.add_route(self._behind_token(_health), "/health", methods=["GET"])
        routes.add_route(self._behind_token(_slots), "/conversations/<sender>", methods=["GET"], unquote=True)
        routes.add_route(self._behind_token(_forget), "/conversations/<sender>", methods=["DELETE"], unquote=True)
        return routes

    def _behind_token(self, handler: Callable[..., Awaitable[HTTPResponse]]) -> Callable[..., Awaitable[HTTPResponse]]:
        @wraps(handler)
        async def guarded(request: Request, **of_path: str) -> HTTPResponse:
            given = request.headers.get("authorization", "").encode()
            if not hmac.compare_digest(given, self._authorization):
                return json({"detail": "the header Authorization must carry the gateway's token"}, status=401)
            return await handler(request, **of_path)

        return guarded


_turns: set[asyncio.Task] = set()
"""The turns being played: a task that nothing refers to may be collected before it ends."""


async def _turn(request: Request) -> HTTPResponse:
    playing = asyncio.create_task(_play(request.app.ctx.agent, Said.from_body(request.json)))
    _turns.add(playing)
    playing.add_done_callback(_turns.discard)
    return await asyncio.shield(playing)  # a client that hangs up does not stop the turn


async def _play(agent: Agent, said: Said) -> HTTPResponse:
    if not agent.is_ready():
        return _failed("model", "no model is loaded")
    try:
        with turn.begin(said.sender) as playing:
            async with agent.lock_store.lock(said.sender):
                await _hear(agent, said)
            return json(_outcome(playing.tracker, said.message_id))
    except turn.TurnFailed as failure:
        return _failed(failure.part, failure.detail)


async def _hear(agent: Agent, said: Said) -> None:
    """Plays the turn, unless the conversation holds its message already."""
    agent.processor.on_circuit_break = _never_ends
    tracker = await agent.tracker_store.retrieve(said.sender)
    if tracker is None or _position(tracker, said.message_id) is None:
        pieces = _understand(agent.processor, said, tracker)
        beside = {"beside": [list(one) for one in pieces.beside]} if pieces.beside else {}
        await agent.processor.handle_message(
            UserMessage(
                pieces.text,
                sender_id=said.sender,
                parse_data=pieces.parsed,
                input_channel=GatewayChannel.name(),
                message_id=said.message_id,
                metadata={**said.metadata, **beside},
            )
        )


def _never_ends(*_: Any) -> None:
    """Rasa stops predicting after ten actions and keeps what it has; such a conversation never answers again."""
    raise turn.failure("dialogue", "the rules of the dialogue do not end in listening")


def _understand(processor: MessageProcessor, said: Said, tracker: DialogueStateTracker | None) -> Pieces:
    if said.payload is not None:
        return Pieces(said.payload, _unpack(processor, said.payload.strip()))

    def parse(text: str) -> Body:
        message = UserMessage(text, message_id=said.message_id, metadata=said.metadata)
        return weighed(parse_text(processor, message), text, tracker)

    return taken_apart(said.text or "", parse)


def parse_text(processor: MessageProcessor, message: UserMessage) -> Body:
    """Rasa's understanding of a text.

    The pipeline is run up to the node before `RegexMessageHandler`, which would take a text that begins with `/` as a
    command: what a customer types never is.
    """
    handler = processor.model_metadata.predict_schema.nodes[f"run_{RegexMessageHandler.__name__}"]
    target = handler.needs["messages"]
    (parsed,) = processor.graph_runner.run(inputs={PLACEHOLDER_MESSAGE: [message]}, targets=[target])[target]
    nothing = {TEXT: "", INTENT: {INTENT_NAME_KEY: None, PREDICTED_CONFIDENCE_KEY: 0.0}, ENTITIES: []}
    return nothing | parsed.as_dict(only_output_properties=True)


def _unpack(processor: MessageProcessor, payload: str) -> Body:
    """The intent and entities that a button's payload names. Raises `Refused`."""
    message = Message({TEXT: payload})
    unpacked = YAMLStoryReader.unpack_regex_message(message, processor.domain, RegexMessageHandler.__name__)
    _demand(unpacked is not message, "`payload` must be `/intent` or `/intent{…}` with an intent of the domain")
    return unpacked.as_dict(only_output_properties=True)


def _outcome(tracker: DialogueStateTracker, message_id: str) -> Body:
    intent = tracker.latest_message.intent
    return {
        "messages": [_message(event) for event in _replies(tracker, message_id)],
        "slots": tracker.current_slot_values(),
        "active_loop": tracker.active_loop_name,
        "intent": {key: intent[key] for key in ("name", "confidence")} if intent.get("name") else None,
    }


def _replies(tracker: DialogueStateTracker, message_id: str) -> list[BotUttered]:
    """What the bot said between the message and the next one; the same for a turn just played and a repeated one."""
    replies = []
    for event in list(tracker.events)[_position(tracker, message_id) + 1 :]:
        if isinstance(event, UserUttered) and event.message_id:
            break
        if isinstance(event, BotUttered):
            replies.append(event)
    return replies


def _position(tracker: DialogueStateTracker, message_id: str) -> int | None:
    for at, event in enumerate(tracker.events):
        if isinstance(event, UserUttered) and event.message_id == message_id:
            return at
    return None


def _message(event: BotUttered) -> Body:
    buttons = [{"title": button["title"], "payload": button["payload"]} for button in event.data.get("buttons") or []]
    return {"text": event.text, "buttons": buttons, "custom": event.data.get("custom")}


async def _parse(request: Request) -> HTTPResponse:
    body = request.json
    _demand(isinstance(body, dict) and _is_filled(body.get("text")), "`text` must be a text that is not blank")
    agent: Agent = request.app.ctx.agent
    if not agent.is_ready():
        return _failed("model", "no model is loaded")
    parsed = parse_text(agent.processor, UserMessage(body["text"]))
    return json({key: parsed.get(key, []) for key in ("text", "intent", "intent_ranking", "entities")})


async def _health(request: Request) -> HTTPResponse:
    agent: Agent = request.app.ctx.agent
    if not agent.is_ready():
        return _failed("model", "no model is loaded")
    stores = {"tracker store": (_tracker_store(agent), TrimmedRedisTrackerStore), "lock store": (agent.lock_store, AtomicRedisLockStore)}
    for part, (store, wanted) in stores.items():
        if not isinstance(store, wanted):  # Rasa takes one in memory when it cannot find the class
            return _failed(part, f"endpoints.yml does not name {wanted.__name__}")
        try:
            await store.redis.ping()
        except RedisError as error:
            return _failed(part, f"Redis cannot be asked ({type(error).__name__})")
    return json({"status": "ok"})


async def _slots(request: Request, sender: str) -> HTTPResponse:
    agent: Agent = request.app.ctx.agent
    try:
        with turn.begin(sender):
            tracker = await agent.tracker_store.retrieve(sender)
    except turn.TurnFailed as failure:
        return _failed(failure.part, failure.detail)
    return json({"slots": tracker.current_slot_values() if tracker else None})


async def _forget(request: Request, sender: str) -> HTTPResponse:
    agent: Agent = request.app.ctx.agent
    try:
        with turn.begin(sender):
            async with agent.lock_store.lock(sender):
                await _tracker_store(agent).delete(sender)
    except turn.TurnFailed as failure:
        return _failed(failure.part, failure.detail)
    return empty()


def _tracker_store(agent: Agent) -> TrimmedRedisTrackerStore:
    """The store itself: the agent holds it in a wrapper that answers for it from memory when it fails."""
    return agent.tracker_store._tracker_store


def _refuse(request: Request, error: Exception) -> HTTPResponse:
    return json({"detail": str(error)}, status=422)


def _failed(part: str, detail: str) -> HTTPResponse:
    return json({"failed": part, "detail": detail}, status=503)


def _demand(condition: bool, sentence: str) -> None:
    if not condition:
        raise Refused(sentence)


def _is_filled(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())
