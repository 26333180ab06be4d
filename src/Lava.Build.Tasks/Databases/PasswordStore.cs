using Lava.Build.Diagnostics;
using Lava.Build.Instances;
using Lava.Build.Platform;
using Lava.Build.Unpacking;

namespace Lava.Build.Databases;

/// <summary>
/// Keeps the password for the database's server in the instance, where libpq finds it, readable by its owner only. The password is
/// never part of a project, a release, a command line, or a message.
/// </summary>
/// <param name="layout">Where things stand in the instance.</param>
/// <param name="host">The directory and variables of the project.</param>
public sealed class PasswordStore(InstanceLayout layout, HostEnvironment host)
{
    /// <summary>Writes the password that the project's file or variable has, if it names one.</summary>
    /// <param name="database">The database.</param>
    /// <param name="owner">Whom the file is given to; null for whoever this runs as.</param>
    /// <param name="cancellation">Ends the work before anything is written.</param>
    /// <exception cref="LavaException">The password cannot be had (LAVA5038).</exception>
    internal async Task StoreAsync(DatabaseDescription database, RunAs? owner, CancellationToken cancellation)
    {
        if (database.IsEmbedded || database.PasswordFile.Length + database.PasswordVariable.Length == 0)
        {
            return;
        }

        string path = Path.Combine(layout.Root, DatabaseDescription.PasswordStore);
        string? password = database.PasswordFile.Length > 0
            ? await ReadFileAsync(database, cancellation)
            : ReadVariable(database, isOptional: File.Exists(path));
        if (password is not null)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await AtomicFile.WriteAsync(path, PasswordFile.Text(database, password), AtomicFile.PrivateMode, cancellation);
        }

        if (owner is not null)
        {
            Posix.SetOwner(path, owner.Uid, owner.Gid);
        }
    }

    private async Task<string> ReadFileAsync(DatabaseDescription database, CancellationToken cancellation)
    {
        string path = Path.GetFullPath(database.PasswordFile, host.Directory);
        if (!File.Exists(path))
        {
            throw Failure(database, "PasswordFile", path, "there is no such file", "Write the password into it, on one line.");
        }

        return ArchiveText.TryDecode(await File.ReadAllBytesAsync(path, cancellation), out string? text)
            ? Check(database, "PasswordFile", path, WithoutNewline(text), "Write the password into it, on one line.")
            : throw Failure(database, "PasswordFile", path, "it is no text in UTF-8", "Write the password into it, on one line.");
    }

    // Whoever gave it once need not give it again.
    private string? ReadVariable(DatabaseDescription database, bool isOptional)
    {
        string name = database.PasswordVariable;
        const string Cure = "Set it to the password where the instance is started.";
        return host[name] is { } value ? Check(database, "PasswordVariable", name, value, Cure)
            : isOptional ? null
            : throw Failure(database, "PasswordVariable", name, $"it is not set, and there is no '{DatabaseDescription.PasswordStore}' yet", Cure);
    }

    private static string Check(DatabaseDescription database, string metadata, string source, string password, string cure) =>
        password.Length == 0 ? throw Failure(database, metadata, source, "it is empty", cure)
        : password.AsSpan().IndexOfAny("\n\r\0") >= 0 ? throw Failure(database, metadata, source, "it has several lines", cure)
        : password;

    private static string WithoutNewline(string text) =>
        text.EndsWith("\r\n", StringComparison.Ordinal) ? text[..^2] : text.EndsWith('\n') ? text[..^1] : text;

    private static LavaException Failure(DatabaseDescription database, string metadata, string source, string reason, string cure) =>
        Problem.Error(Strings.PasswordUnavailable, database.Location, database.Name, metadata, source, reason, cure).ToException();
}
