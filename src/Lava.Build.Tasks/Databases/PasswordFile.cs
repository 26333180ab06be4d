using System.Text;

namespace Lava.Build.Databases;

/// <summary>libpq's password file: https://www.postgresql.org/docs/current/libpq-pgpass.html.</summary>
internal static class PasswordFile
{
    // libpq calls its own default directory so, wherever that is.
    private const string DefaultSocketHost = "localhost";

    /// <summary>The text of a file with the one password of <paramref name="database"/>, whichever database of the server it is for.</summary>
    /// <remarks>The server's database for maintenance is asked as well, so the file names none.</remarks>
    internal static string Text(DatabaseDescription database, string password)
    {
        string[] hosts = database.Host.StartsWith('/') ? [database.Host, DefaultSocketHost] : [database.Host];
        StringBuilder text = new();
        foreach (string host in hosts)
        {
            text.AppendJoin(':', Escape(host), database.PortNumber, "*", Escape(database.Role), Escape(password)).Append('\n');
        }

        return text.ToString();
    }

    private static string Escape(string field) =>
        field.Replace("\\", "\\\\", StringComparison.Ordinal).Replace(":", "\\:", StringComparison.Ordinal);
}
