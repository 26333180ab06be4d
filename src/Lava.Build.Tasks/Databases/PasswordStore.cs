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
    /// <summary>Writes the passwords that the project's files or variables have, if it names any.</summary>
    /// <param name="database">The database.</param>
    /// <param name="owner">Whom the file is given to; null for whoever this runs as.</param>
    /// <param name="cancellation">Ends the work before anything is written.</param>
    /// <exception cref="LavaException">The password cannot be had (LAVA5038).</exception>
    internal async Task StoreAsync(DatabaseDescription database, RunAs? owner, CancellationToken cancellation)
    {
        (string Role, string Prefix, string File, string Variable)[] sources =
        [
            (database.Role, "", database.PasswordFile, database.PasswordVariable),
            (database.AdminUser, "Admin", database.AdminPasswordFile, database.AdminPasswordVariable),
        ];
        if (database.IsEmbedded || sources.All(source => source.File.Length + source.Variable.Length == 0))
        {
            return;
        }

        string path = Path.Combine(layout.Root, DatabaseDescription.PasswordStore);
        string[] kept = File.Exists(path) ? await File.ReadAllLinesAsync(path, cancellation) : [];
        List<string> lines = [];
        foreach ((string role, string prefix, string file, string variable) in sources)
        {
            string[] old = [.. kept.Where(line => PasswordFile.Prefixes(database, role).Any(start => line.StartsWith(start, StringComparison.Ordinal)))];
            // Whoever gave it once need not give it again; an administrator's is not kept beyond the start that it was given for.
            bool isAdmin = prefix.Length > 0;
            string? password = file.Length > 0 ? await ReadFileAsync(database, $"{prefix}PasswordFile", file, cancellation)
                : variable.Length > 0 ? ReadVariable(database, $"{prefix}PasswordVariable", variable, isOptional: isAdmin || old.Length > 0)
                : null;
            lines.AddRange(password is not null ? PasswordFile.Lines(database, role, password) : isAdmin ? [] : old);
        }

        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await AtomicFile.WriteAsync(path, string.Concat(lines.Select(line => line + "\n")), AtomicFile.PrivateMode, cancellation);
        if (owner is not null)
        {
            Posix.SetOwner(path, owner.Uid, owner.Gid);
        }
    }

    private async Task<string> ReadFileAsync(DatabaseDescription database, string metadata, string file, CancellationToken cancellation)
    {
        const string Cure = "Write the password into it, on one line.";
        string path = Path.GetFullPath(file, host.Directory);
        if (!File.Exists(path))
        {
            throw Failure(database, metadata, path, "there is no such file", Cure);
        }

        return ArchiveText.TryDecode(await File.ReadAllBytesAsync(path, cancellation), out string? text)
            ? Check(database, metadata, path, WithoutNewline(text), Cure)
            : throw Failure(database, metadata, path, "it is no text in UTF-8", Cure);
    }

    private string? ReadVariable(DatabaseDescription database, string metadata, string name, bool isOptional)
    {
        const string Cure = "Set it to the password where the instance is started.";
        return host[name] is { } value ? Check(database, metadata, name, value, Cure)
            : isOptional ? null
            : throw Failure(database, metadata, name, $"it is not set, and '{DatabaseDescription.PasswordStore}' has none yet", Cure);
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
