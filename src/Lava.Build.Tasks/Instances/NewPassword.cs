using System.Security.Cryptography;
using Lava.Build.Diagnostics;
using Lava.Build.Platform;

namespace Lava.Build.Instances;

/// <summary>A password that somebody is to get: from a file, else from whoever sits at the terminal, else made up.</summary>
/// <param name="Text">The password.</param>
/// <param name="IsMadeUp">Whether nobody knows it yet, so that it has to be shown.</param>
public sealed record NewPassword(string Text, bool IsMadeUp)
{
    private const int MadeUpLength = 20;

    // Without letters and digits that are taken for each other.
    private const string Alphabet = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";

    /// <summary>The one line of a file that is not open to others.</summary>
    /// <exception cref="LavaException">See <see cref="PasswordText"/> (LAVA5084).</exception>
    public static async Task<NewPassword> FromFileAsync(string path, SourceLocation location, CancellationToken cancellation) => new(
        await PasswordText.ReadAsync(path, reason => Problem.Error(Strings.PasswordFileUnusable, location, path, reason), cancellation),
        IsMadeUp: false);

    /// <summary>Asks twice for it. An empty answer asks for one that is made up.</summary>
    /// <param name="terminal">Where to ask.</param>
    /// <param name="owner">Whose password it is.</param>
    /// <param name="location">Where it was asked for.</param>
    /// <param name="cancellation">Ends the asking.</param>
    /// <exception cref="LavaException">The answers differ, or the terminal was closed (LAVA5089).</exception>
    public static async Task<NewPassword> AskAsync(Terminal terminal, string owner, SourceLocation location, CancellationToken cancellation)
    {
        string? first = await terminal.AskSecretAsync($"Password for '{owner}' (empty: one is made up): ", cancellation);
        if (first is { Length: 0 })
        {
            return MadeUp();
        }

        string? second = first is null ? null : await terminal.AskSecretAsync("The same again: ", cancellation);
        if (first is null || second is null)
        {
            throw Problem.Error(Strings.PasswordNotGiven, location, "No password was typed").ToException();
        }

        return string.Equals(first, second, StringComparison.Ordinal)
            ? new NewPassword(first, IsMadeUp: false)
            : throw Problem.Error(Strings.PasswordNotGiven, location, "The two passwords differ").ToException();
    }

    /// <summary>A random one of letters and digits.</summary>
    public static NewPassword MadeUp() => new(RandomNumberGenerator.GetString(Alphabet, MadeUpLength), IsMadeUp: true);

    /// <summary>Never the password itself: a record would show it wherever it is logged.</summary>
    public override string ToString() => nameof(NewPassword);
}
