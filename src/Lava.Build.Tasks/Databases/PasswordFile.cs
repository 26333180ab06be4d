using System.Globalization;

namespace Lava.Build.Databases;

/// <summary>libpq's password file: https://www.postgresql.org/docs/current/libpq-pgpass.html.</summary>
internal static class PasswordFile
{
    // libpq calls its own default directory so, wherever that is.
    private const string DefaultSocketHost = "localhost";

    /// <summary>The lines of a role's password, whichever database of the server it is for, each without a newline.</summary>
    /// <remarks>The server's database for maintenance is asked as well, so the lines name none.</remarks>
    internal static IEnumerable<string> Lines(DatabaseDescription database, string role, string password) =>
        Prefixes(database, role).Select(prefix => prefix + Escape(password));

    /// <summary>What a role's lines start with, up to the password.</summary>
    internal static IEnumerable<string> Prefixes(DatabaseDescription database, string role)
    {
        string[] hosts = database.Host.StartsWith('/') ? [database.Host, DefaultSocketHost] : [database.Host];
        return hosts.Select(host => string.Create(CultureInfo.InvariantCulture, $"{Escape(host)}:{database.PortNumber}:*:{Escape(role)}:"));
    }

    private static string Escape(string field) =>
        field.Replace("\\", "\\\\", StringComparison.Ordinal).Replace(":", "\\:", StringComparison.Ordinal);
}
