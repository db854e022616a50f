from provider_shim.api.settings import Settings


def test_settings_say_where_and_show_no_secret() -> None:
    settings = Settings(
        base_url="https://api.example/v1", api_key="sk-hidden", headers={"a": "hidden"}, query={"b": "hidden"}
    )

    assert f"{settings!r} {settings}" == "Settings(https://api.example) Settings(https://api.example)"
