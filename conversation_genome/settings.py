"""One settings class a role: read once at the entry, checked whole, passed in as a frozen object.

Every setting is an environment variable (or a line of `.env`) with the prefix `CGP_`; `example.env` is
generated from these classes; a name without a value is as good as left out. `CGP_ENV_FILE` names another file
than `.env`. Nothing below the entry points reads the environment.
"""

import os
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, DotEnvSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from conversation_genome.errors import SettingsError
from conversation_genome.llm_settings import LlmSettings
from conversation_genome.telemetry_settings import TelemetrySettings

PREFIX: Final = "CGP_"
ENV_FILE_VARIABLE: Final = "CGP_ENV_FILE"
DEFAULT_ENV_FILE: Final = ".env"
PROJECT_ROOT: Final = Path(__file__).resolve().parent.parent

STORE_SCHEMES: Final = ("s3://", "postgresql://", "postgresql+asyncpg://")

Port = Annotated[int, Field(ge=0, le=65_535)]
EngineName = Literal["extractive", "extractive-light", "openai", "anthropic"]
GroundTruthName = Literal[
    "agreement", "extractive", "extractive-light", "openai", "anthropic", "agreement-openai", "agreement-anthropic"
]
RewardCurve = Literal["bell", "linear", "rank"]


def networks_of(value: str) -> tuple[IPv4Network | IPv6Network, ...]:
    """Return the networks of a list that is separated by commas.

    Raises:
        ValueError: If one of them is no address and no network.
    """
    return tuple(ip_network(part.strip()) for part in value.split(",") if part.strip())


def env_file() -> Path:
    """Return the file that settings are read from: `.env` in the working directory, or what CGP_ENV_FILE names."""
    return Path(os.environ.get(ENV_FILE_VARIABLE) or DEFAULT_ENV_FILE)


class RoleSettings(LlmSettings, TelemetrySettings, BaseSettings):
    """What every role needs: the network, the wallet, the models, the log."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, extra="ignore", frozen=True)

    netuid: Annotated[int, Field(ge=0, le=65_535)] = Field(
        33, description="the subnet's number: 33 on finney, 138 on test"
    )
    subtensor_network: str = Field(
        "local", description="`local` for the ledger on this machine, `test`, `finney` or a ws:// URL"
    )
    subtensor_fallback_endpoints: str = Field(
        "",
        description="ws:// URLs, separated by commas, that are tried in turn when the network does not answer; empty: the public ones that the SDK knows",
    )
    ledger_path: Path = Field(
        Path("local-subnet/ledger.sqlite"), description="file of the local ledger; used when the network is `local`"
    )
    wallet_name: str = Field("default", description="name of the coldkey's folder")
    wallet_hotkey: str = Field("default", description="name of the hotkey in that folder")
    wallet_path: Path = Field(Path("~/.bittensor/wallets"), description="folder of the wallets")
    metagraph_max_age_seconds: Annotated[float, Field(gt=0)] = Field(
        300.0, description="seconds after which a copy of the metagraph lets nobody in"
    )
    models_path: Path = Field(
        PROJECT_ROOT / "models", description="folder of the exported embedding model; `cgp setup` fills it"
    )
    embedding_threads: Annotated[int, Field(ge=1, le=64)] = Field(
        1, description="threads of the embedding model in this process"
    )
    embedding_cache_entries: Annotated[int, Field(ge=0)] = Field(
        100_000, description="texts whose vectors are kept in memory"
    )
    embedding_device: str = Field(
        "cpu",
        description="`cpu`, or a torch device such as `cuda:0` on which miners and `cgp tag` run the default embedding model; its last bits differ there, so what scores keeps to the processor",
    )
    profiles_sensitive: bool = Field(
        False,
        description="`true` keeps health, religion, politics, sexuality, ethnicity, union membership, convictions, pregnancy, addiction and age in profiles where people said so of themselves",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="the least severe line that is written"
    )
    otlp_endpoint: str = Field(
        "",
        description="collector that takes traces by OTLP over HTTP, such as http://127.0.0.1:4318; needs the extra `otlp`; empty: no traces",
    )
    log_format: Literal["console", "json"] = Field("console", description="`json` writes one object a line")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 -- pydantic-settings names the arguments
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read arguments first, then the environment, then the settings file that is named at that moment."""
        return init_settings, env_settings, DotEnvSettingsSource(settings_cls, env_file=env_file())


class MinerSettings(RoleSettings):
    """What a miner needs."""

    miner_host: str = Field("0.0.0.0", description="address the miner listens on")
    miner_port: Port = Field(8091, description="port the miner listens on; 0 takes a free one")
    miner_external_host: str = Field(
        "",
        description="address that validators reach the miner at, published on chain; empty: the address it listens on",
    )
    miner_engine: EngineName = Field("extractive", description="what reads the conversation")
    miner_max_tags: Annotated[int, Field(ge=1, le=40)] = Field(
        12, description="tags in an answer at most; more than the talk holds costs precision"
    )
    miner_concurrency: Annotated[int, Field(ge=1, le=256)] = Field(
        4, description="tasks that are read at once; the others wait"
    )
    miner_queue: Annotated[int, Field(ge=0, le=10_000)] = Field(
        256, description="tasks that may wait; of more, those of the smallest stake are turned away"
    )
    miner_min_stake: Annotated[float, Field(ge=0)] = Field(
        0.0, description="stake that a calling validator must hold at least"
    )
    miner_metrics_host: str = Field("127.0.0.1", description="address of the miner's metrics page")
    miner_metrics_port: Port | None = Field(
        None,
        description="port of the miner's own pages (`/` and `/metrics`), never the one that validators reach; empty: no such pages",
    )
    miner_server_url: str = Field(
        "", description="conversation server whose last scores of this miner its own page shows; empty: none"
    )
    miner_server_hotkey: str = Field(
        "", description="hotkey (ss58) of that server, which is asked with this miner's signature"
    )
    miner_answer_log: Path | None = Field(
        None, description="file to which every answer is appended as a JSON line; empty: none"
    )
    miner_behaviour: Literal["honest", "random", "copier", "stuffer", "slow", "malformed"] = Field(
        "honest",
        description="anything but `honest` is for the local network alone: it shows what the mechanism does with such a miner",
    )
    miner_copy_from: Path | None = Field(None, description="answer log that a `copier` copies from")


class ValidatorSettings(RoleSettings):
    """What a validator needs."""

    server_url: str = Field("http://127.0.0.1:8000", description="where the conversation server answers")
    server_hotkey: str = Field(
        "", description="the conversation server's hotkey (ss58): requests are signed for it alone; required"
    )
    validator_host: str = Field("127.0.0.1", description="address of the validator's health and metrics pages")
    validator_port: Port = Field(
        8092, description="port of the validator's health and metrics pages; 0 takes a free one"
    )
    validator_engine: GroundTruthName = Field(
        "agreement",
        description="what establishes the ground truth; `agreement` merges what both extractive engines read, "
        "`agreement-openai` what OpenAI and the extractive engine do",
    )
    validator_miners_per_window: Annotated[int, Field(ge=1, le=256)] = Field(
        7, description="miners that are asked about one window"
    )
    validator_timeout_seconds: Annotated[float, Field(gt=0, le=600)] = Field(
        10.0, description="seconds a miner has for an answer"
    )
    validator_windows_in_flight: Annotated[int, Field(ge=1, le=64)] = Field(
        4, description="windows that are asked about at once"
    )
    validator_conversations_in_flight: Annotated[int, Field(ge=1, le=64)] = Field(
        2, description="conversations that are held under lease at once"
    )
    validator_max_tags: Annotated[int, Field(ge=1, le=40)] = Field(20, description="tags that a miner may return")
    validator_reward_curve: RewardCurve = Field(
        "bell", description="how a window's reward is divided; the same for every validator of a subnet"
    )
    validator_varied_share: Annotated[float, Field(ge=0, le=1)] = Field(
        0.8, description="share of the windows in which each miner is shown other lines, so that copies can be told"
    )
    validator_ema_alpha: Annotated[float, Field(gt=0, le=1)] = Field(
        0.1, description="weight of the newest reward in a miner's moving average"
    )
    validator_held_windows: Annotated[int, Field(ge=0)] = Field(
        20, description="windows that a new hotkey is asked about before it is paid; what it earned till then follows"
    )
    validator_burn_rate: Annotated[float, Field(ge=0, le=1)] = Field(
        0.0,
        description="share of the weights that goes to the subnet's owner and is burned; above 0 it costs the subnet emission (docs/reference/chain.md); without effect on the local ledger",
    )
    validator_score_delay_epochs: Annotated[int, Field(ge=1, le=1_000)] = Field(
        2,
        description="epochs after which the validator's telemetry tells what miners earned, and then of all of them together only",
    )
    validator_state_path: Path = Field(
        Path("validator-state.json"),
        description="file that keeps averages, open leases and weights over a restart; its journal lies beside it",
    )
    validator_step_seconds: Annotated[float, Field(ge=1)] = Field(
        900.0, description="seconds without any progress after which a step is broken off and begun anew"
    )
    validator_stop_seconds: Annotated[float, Field(ge=0)] = Field(
        8.0, description="seconds that conversations at hand have to end once the validator is told to stop"
    )
    validator_poll_seconds: Annotated[float, Field(gt=0)] = Field(
        2.0, description="seconds between two questions for work when there is none"
    )


class ServerSettings(RoleSettings):
    """What the conversation server needs."""

    server_host: str = Field("127.0.0.1", description="address the server listens on")
    server_port: Port = Field(8000, description="port the server listens on; 0 takes a free one")
    server_database_url: str = Field(
        "sqlite+aiosqlite:///conversation-server/server.sqlite", description="SQLAlchemy URL of the database"
    )
    server_vector_store_path: Path = Field(
        Path("conversation-server/vectors"), description="folder of the vector store"
    )
    server_vector_store_url: SecretStr = Field(
        SecretStr(""),
        description="where the vector store is if not in that folder: s3://bucket/path (keys by the usual AWS variables) or postgresql://user:password@host/database; empty: the folder",
    )
    server_dataset_path: Path = Field(
        Path("conversation-server/dataset"), description="folder that the dataset is written to"
    )
    server_admin_key_sha256: SecretStr = Field(
        SecretStr(""),
        description="SHA-256 (hex) of the first administrator's API key, with which `cgp keys` makes others; empty: only those others are taken",
    )
    server_validator_requests_per_minute: Annotated[int, Field(ge=0)] = Field(
        60_000, description="requests a minute that one validator may send; 0 for no limit"
    )
    server_key_requests_per_minute: Annotated[int, Field(ge=0)] = Field(
        6_000, description="requests a minute that the holder of one API key may send; 0 for no limit"
    )
    server_anonymous_requests_per_minute: Annotated[int, Field(ge=0)] = Field(
        120,
        description="requests a minute from one address (of IPv6: one /64) without a key or signature that holds; 0 for no limit",
    )
    server_key_import_bytes_per_day: Annotated[int, Field(ge=0)] = Field(
        50_000_000_000, description="bytes of conversations that one API key may import in a day; 0 for no limit"
    )
    server_trusted_proxies: str = Field(
        "",
        description="addresses or networks, separated by commas (`10.0.0.0/8`), of proxies whose X-Forwarded-For and X-Forwarded-Proto are believed; empty: none",
    )
    server_lease_seconds: Annotated[float, Field(gt=0)] = Field(
        300.0, description="seconds a validator holds a conversation before it must renew"
    )
    server_max_failures: Annotated[int, Field(ge=1, le=1_000)] = Field(
        5, description="leases in a row that may end without completion before a conversation is quarantined"
    )
    server_validators_per_conversation: Annotated[int, Field(ge=1, le=16)] = Field(
        1, description="validators that grade each conversation, one after the other"
    )
    server_grading_patience_seconds: Annotated[float, Field(gt=0)] = Field(
        3_600.0, description="seconds to wait for a further validator before a conversation is merged without"
    )
    server_min_stake: Annotated[float, Field(ge=0)] = Field(
        0.0, description="stake that a calling validator must hold at least"
    )
    server_reward_curve: RewardCurve = Field(
        "bell", description="how the server divides a window's reward to check the validators: the curve that they use"
    )
    server_window_boundaries: Literal["meaning", "words", "fixed"] = Field(
        "meaning",
        description="what conversations are cut by: the meaning of their lines, their words alone, or fixed runs of lines",
    )
    server_window_lines: Annotated[int, Field(ge=2, le=64)] = Field(10, description="lines in a level-2 window")
    server_window_overlap: Annotated[int, Field(ge=0, le=32)] = Field(
        2, description="lines that two neighbouring level-2 windows share"
    )
    server_window_tokens: Annotated[int, Field(ge=50, le=100_000)] = Field(
        2_000, description="tokens in a window at most (about four characters each)"
    )
    server_public_reads: bool = Field(
        False,
        description="`true` lets anybody read conversations, tags, miners and search; `false` asks for the API key",
    )
    server_mask_published: bool = Field(
        True,
        description="`true` puts placeholders for personal data in all that is published, searched and shown without the administrator's key",
    )
    server_mask_tasks: bool = Field(
        False,
        description="`true` puts the placeholders in when a conversation is imported: neither validators nor miners see personal data, and the server does not keep it",
    )
    server_min_lines: Annotated[int, Field(ge=2)] = Field(
        4, description="lines below which a conversation is stored but not handed out"
    )

    @field_validator("server_trusted_proxies")
    @classmethod
    def _proxies_are_networks(cls, value: str) -> str:
        networks_of(value)
        return value

    @model_validator(mode="after")
    def _overlap_leaves_a_step(self) -> Self:
        if self.server_window_overlap >= self.server_window_lines:
            msg = f"CGP_SERVER_WINDOW_OVERLAP ({self.server_window_overlap}) must be smaller than CGP_SERVER_WINDOW_LINES ({self.server_window_lines})"
            raise ValueError(msg)
        return self

    @property
    def vector_store_place(self) -> Path | str:
        """Where the vector store is: a folder, or the address of a bucket or a database, which may hold a password."""
        return self.server_vector_store_url.get_secret_value().strip() or self.server_vector_store_path

    @field_validator("server_vector_store_url")
    @classmethod
    def _store_is_of_a_known_kind(cls, value: SecretStr) -> SecretStr:
        url = value.get_secret_value().strip()
        if url and not url.startswith(STORE_SCHEMES):
            msg = f"must begin with one of {', '.join(STORE_SCHEMES)}; a folder goes into CGP_SERVER_VECTOR_STORE_PATH"
            raise ValueError(msg)
        return value


AnyRole = TypeVar("AnyRole", bound=RoleSettings)

ROLES: Final[dict[str, type[RoleSettings]]] = {
    "miner": MinerSettings,
    "validator": ValidatorSettings,
    "server": ServerSettings,
}


class SettingFault(BaseModel):
    """One thing about a setting that must be mended."""

    model_config = ConfigDict(frozen=True)

    setting: str
    """The environment variable; empty where settings contradict each other and the message names them."""
    message: str

    def __str__(self) -> str:
        """The fault as one line."""
        return f"{self.setting} {self.message}" if self.setting else self.message


def load_settings(role: type[AnyRole], **overrides: Any) -> AnyRole:
    """Return a role's settings from the environment, the settings file and the overrides, which win.

    Raises:
        SettingsError: Naming every faulty setting, one a line.
    """
    settings, faults = readable_settings(role, **overrides)
    if faults:
        raise SettingsError("\n".join(map(str, faults)))
    return settings


def readable_settings(role: type[AnyRole], **overrides: Any) -> tuple[AnyRole, tuple[SettingFault, ...]]:
    """Return a role's settings with defaults in place of what cannot be read, and each fault that was met.

    Defaults take the place of faulty values so that contradictions between the other settings are found, too.

    Raises:
        SettingsError: If the settings file cannot be read at all.
    """
    faults: list[SettingFault] = []
    while True:
        try:
            return role(**overrides), tuple(faults)
        except ValidationError as exc:
            faults += [_fault(role, fault) for fault in exc.errors()]
            fields = {str(fault["loc"][0]) for fault in exc.errors() if fault["loc"]} or set(role.model_fields)
            overrides |= {field: role.model_fields[field].get_default(call_default_factory=True) for field in fields}
        except (OSError, UnicodeDecodeError) as exc:
            raise SettingsError(f"{env_file()} cannot be read ({exc}); it must be a UTF-8 text file") from exc


def _fault(role: type[RoleSettings], fault: ErrorDetails) -> SettingFault:
    if not fault["loc"]:
        return SettingFault(setting="", message=fault["msg"].removeprefix("Value error, "))
    field = str(fault["loc"][0])
    value = "a secret" if role.model_fields[field].annotation is SecretStr else repr(fault["input"])
    return SettingFault(setting=f"{PREFIX}{field}".upper(), message=f"is {value}: {fault['msg']}")
