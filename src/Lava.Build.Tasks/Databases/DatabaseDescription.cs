using System.Globalization;
using Lava.Build.Diagnostics;

namespace Lava.Build.Databases;

/// <summary>
/// The database of an instance (<c>LavaDatabase</c>): in a PostgreSQL of the instance's own, or on a server that runs already. All is
/// text as it was written, so that what is wrong with it can be told: see <see cref="DatabaseChecks"/>.
/// </summary>
public sealed record DatabaseDescription
{
    /// <summary>Where the instance's own server puts its socket, relative to the instance.</summary>
    public const string SocketDirectory = "run/postgresql";

    /// <summary>Where the password for another server is kept, relative to the instance; in the form of libpq's password file.</summary>
    public const string PasswordStore = "etc/database.pgpass";

    /// <summary>The default <see cref="Port"/>.</summary>
    public const int DefaultPort = 5432;

    /// <summary>The default <see cref="MaintenanceDatabase"/>.</summary>
    public const string DefaultMaintenanceDatabase = "postgres";

    /// <summary>The default <see cref="MinimumVersion"/>.</summary>
    public const string DefaultMinimumVersion = "11";

    /// <summary>Debian's place for the authorities that the host trusts.</summary>
    private const string HostCertificates = "/etc/ssl/certs/ca-certificates.crt";

    /// <summary>A place in the instance where nothing is: without it, libpq takes one in the home directory of whoever connects.</summary>
    private const string NoCertificates = "etc/no-root.crt";

    /// <summary>The database's name (<c>Include</c>).</summary>
    public required string Name { get; init; }

    /// <summary>The role that the application is; named like the database if empty.</summary>
    public string User { get; init; } = "";

    /// <summary>The server's name, address or socket directory; empty for a server of the instance's own.</summary>
    public string Host { get; init; } = "";

    /// <summary>The server's port, which is also a part of its socket's name; 5432 if empty.</summary>
    public string Port { get; init; } = "";

    /// <summary>libpq's <c>sslmode</c>; if empty, <c>verify-full</c> where <see cref="TlsRootCertificate"/> is given, else <c>prefer</c>.</summary>
    public string Tls { get; init; } = "";

    /// <summary>The file with the certificates of the authorities to trust: absolute, or relative to the instance; may be empty.</summary>
    public string TlsRootCertificate { get; init; } = "";

    /// <summary>A file of the host whose one line is the password, or empty. Read when the instance starts, never when it is built.</summary>
    public string PasswordFile { get; init; } = "";

    /// <summary>The name of the environment variable that has the password, or empty. Read when the instance starts.</summary>
    public string PasswordVariable { get; init; } = "";

    /// <summary>A role that may create roles and databases, for what is missing; if empty, <see cref="User"/> creates its database itself.</summary>
    public string AdminUser { get; init; } = "";

    /// <summary>As <see cref="PasswordFile"/>, of <see cref="AdminUser"/>.</summary>
    public string AdminPasswordFile { get; init; } = "";

    /// <summary>As <see cref="PasswordVariable"/>, of <see cref="AdminUser"/>; need not be set once all is there.</summary>
    public string AdminPasswordVariable { get; init; } = "";

    /// <summary>The database to connect to for creating another; <c>postgres</c> if empty.</summary>
    public string MaintenanceDatabase { get; init; } = "";

    /// <summary>The oldest version of PostgreSQL that the application works with; 11 if empty.</summary>
    public string MinimumVersion { get; init; } = "";

    /// <summary>Settings of the instance's own server, by name, as in <c>postgresql.conf</c>.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>Where it was asked for.</summary>
    public SourceLocation Location { get; init; }

    /// <summary>Whether the instance runs the server itself.</summary>
    public bool IsEmbedded => Host.Length == 0;

    /// <summary>The role, by default named like the database.</summary>
    public string Role => User.Length > 0 ? User : Name;

    /// <summary>The port as a number; the default where it is none.</summary>
    public int PortNumber => int.TryParse(Port, NumberStyles.None, CultureInfo.InvariantCulture, out int port) ? port : DefaultPort;

    /// <summary>The authorities to trust, absolute or relative to the instance; where none are given, those of the host if the server is to be verified, else a file that is not there.</summary>
    public string TrustedCertificates =>
        TlsRootCertificate.Length > 0 ? TlsRootCertificate
        : TlsMode.StartsWith("verify-", StringComparison.Ordinal) ? HostCertificates
        : NoCertificates;

    /// <summary>libpq's <c>sslmode</c>.</summary>
    public string TlsMode => Tls.Length > 0 ? Tls.ToLowerInvariant() : TlsRootCertificate.Length > 0 ? "verify-full" : "prefer";
}
