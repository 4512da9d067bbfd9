//! Programs that take part in a chat: they open a connection to it themselves, and nobody asks them.

use super::without_version;

/// Whether a package is a client of a chat that keeps a connection open or asks again and again.
pub(super) fn is_client(name: &str) -> bool {
    // Go writes the version behind the name: `telegram-bot-api/v5`.
    let is_version = |part: &&str| {
        part.strip_prefix('v').is_some_and(|number| number.bytes().all(|b| b.is_ascii_digit()))
    };
    let own = without_version(name).rsplit('/').find(|part| !is_version(part));
    own.is_some_and(|own| CLIENTS.binary_search(&own.to_ascii_lowercase().as_str()).is_ok())
}

/// Of Discord and Telegram. Those of others are called by requests as often.
const CLIENTS: &[&str] = &[
    "aiogram",
    "discatsharp",
    "discord.js",
    "discord.net",
    "discord.net.websocket",
    "discord.py",
    "discord4j-core",
    "discordgo",
    "discordrb",
    "disgo",
    "disnake",
    "dsharpplus",
    "eris",
    "hikari",
    "interactions.py",
    "javacord",
    "jda",
    "netcord",
    "nextcord",
    "node-telegram-bot-api",
    "nostrum",
    "oceanic.js",
    "poise",
    "py-cord",
    "pyrogram",
    "pytelegrambotapi",
    "python-telegram-bot",
    "remora.discord",
    "serenity",
    "telegram-bot-api",
    "telegram-bot-ruby",
    "telegram.bot",
    "telegrambots",
    "telegrambots-longpolling",
    "telethon",
    "teloxide",
    "twilight-gateway",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_of_chats_are_known_however_they_are_written() {
        assert!(CLIENTS.is_sorted());
        for name in
            ["DisCatSharp", "discord.js", "github.com/go-telegram-bot-api/telegram-bot-api/v5"]
        {
            assert!(is_client(name), "{name}");
        }
        assert!(!is_client("discord-types"));
    }
}
