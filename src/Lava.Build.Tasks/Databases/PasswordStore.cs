using Lava.Build.Diagnostics;
using Lava.Build.Instances;
using Lava.Build.Platform;

namespace Lava.Build.Databases;

/// <summary>
/// Keeps the password for the database's server in the instance, where libpq finds it, readable by its owner only. The password is
/// never part of a project, a release, a command line, or a message.
/// </summary>
/// <param name="layout">Where things stand in the instance.</param>
/// <param name="host">The directory and variables of the project.</param>
public sealed class PasswordStore(InstanceLayout layout, HostEnvironment host)
{
    // Tells the administrator's line from one that an admin wrote, also when the project no longer says who that is; a comment to libpq.
    private const string AdminMark = "# Lava.Build: the next line is AdminUser's, until a start without it.";

    /// <summary>
    /// Writes the passwords that the project's files or variables have, if it names any, and removes an administrator's that is no longer
    /// given. All other lines stay, below those of the project.
    /// </summary>
    /// <param name="database">The database.</param>
    /// <param name="owner">Whom the file is given to; null for whoever this runs as.</param>
    /// <param name="cancellation">Ends the work before anything is written.</param>
    /// <exception cref="LavaException">The password cannot be had (LAVA5038).</exception>
    internal async Task StoreAsync(DatabaseDescription database, RunAs? owner, CancellationToken cancellation)
    {
        if (database.IsEmbedded)
        {
            return;
        }

        string path = Path.Combine(layout.Root, DatabaseDescription.PasswordStore);
        string[] old = File.Exists(path) ? await File.ReadAllLinesAsync(path, cancellation) : [];
        string[] kept = [.. WithoutAdmin(old)];
        string[] own = [.. kept.Where(line => PasswordFile.Prefixes(database, database.Role).Any(start => line.StartsWith(start, StringComparison.Ordinal)))];
        string? password = await ReadAsync(database, "", database.PasswordFile, database.PasswordVariable, isOptional: own.Length > 0, cancellation);
        string? admin = await ReadAsync(database, "Admin", database.AdminPasswordFile, database.AdminPasswordVariable, isOptional: true, cancellation);
        string[] lines =
        [
            .. password is null ? own : PasswordFile.Lines(database, database.Role, password),
            .. admin is null ? [] : PasswordFile.Lines(database, database.AdminUser, admin).SelectMany(line => (string[])[AdminMark, line]),
            .. kept.Where(line => !own.Contains(line)),
        ];
        if (password is null && admin is null && kept.Length == old.Length)
        {
            return;
        }

        FileTree.MakeShared(Path.GetDirectoryName(path)!);
        await AtomicFile.WriteAsync(path, string.Concat(lines.Select(line => line + "\n")), AtomicFile.PrivateMode, cancellation);
        if (owner is not null)
        {
            Posix.SetOwner(path, owner.Uid, owner.Gid);
        }
    }

    private static IEnumerable<string> WithoutAdmin(string[] lines) =>
        lines.Where((line, i) => line != AdminMark && (i == 0 || lines[i - 1] != AdminMark));

    // Null if none is named; or if it need not be given: whoever gave it once need not give it again, and an administrator's is not kept
    // beyond the start that it was given for.
    private async Task<string?> ReadAsync(
        DatabaseDescription database, string prefix, string file, string variable, bool isOptional, CancellationToken cancellation)
    {
        if (file.Length > 0)
        {
            const string Cure = "Write the password into it, on one line, and let only its owner read it.";
            string path = Path.GetFullPath(file, host.Directory);
            return await PasswordText.ReadAsync(path, reason => Unavailable(database, $"{prefix}PasswordFile", path, reason, Cure), cancellation);
        }

        Problem Unusable(string reason) =>
            Unavailable(database, $"{prefix}PasswordVariable", variable, reason, "Set it to the password where the instance is started.");
        return variable.Length == 0 ? null
            : host[variable] is { } value ? PasswordText.Check(value, Unusable)
            : isOptional ? null
            : throw Unusable($"is not set, and '{DatabaseDescription.PasswordStore}' has none yet").ToException();
    }

    private static Problem Unavailable(DatabaseDescription database, string metadata, string source, string reason, string cure) =>
        Problem.Error(Strings.PasswordUnavailable, database.Location, database.Name, metadata, source, $"it {reason}", cure);
}
