using System.Text.Json;
using System.Text.Json.Serialization;

namespace Lava.Build.Databases;

/// <summary>Where the database is, in a release, for the application's settings: JSON, names in camel case; what is null is not there.</summary>
public sealed record DatabaseRecord
{
    /// <summary>Its place in a release.</summary>
    public const string Path = "share/lava-build/database.json";

    /// <summary><c>embedded</c> or <c>server</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Of an embedded one the directory of its socket, relative to the instance; else the server's name, address or absolute socket directory.</summary>
    public required string Host { get; init; }

    /// <summary>The port.</summary>
    public required int Port { get; init; }

    /// <summary>The database.</summary>
    public required string Name { get; init; }

    /// <summary>The role.</summary>
    public required string User { get; init; }

    /// <summary>libpq's <c>sslmode</c>; null for an embedded one.</summary>
    public string? Tls { get; init; }

    /// <summary>libpq's <c>sslrootcert</c>, absolute or relative to the instance; a file that is not there if none counts; null for an embedded one.</summary>
    public string? TlsRootCertificate { get; init; }

    /// <summary>libpq's <c>passfile</c>, relative to the instance; null for an embedded one. The file is there only if there is a password.</summary>
    public string? PasswordFile { get; init; }

    /// <summary>The record of a database.</summary>
    public static DatabaseRecord Of(DatabaseDescription database) => new()
    {
        Kind = database.IsEmbedded ? "embedded" : "server",
        Host = database.IsEmbedded ? DatabaseDescription.SocketDirectory : database.Host,
        Port = database.PortNumber,
        Name = database.Name,
        User = database.Role,
        Tls = database.IsEmbedded ? null : database.TlsMode,
        TlsRootCertificate = database.IsEmbedded ? null : database.TrustedCertificates,
        PasswordFile = database.IsEmbedded ? null : DatabaseDescription.PasswordStore,
    };

    /// <summary>The file's text, with a newline at the end.</summary>
    public string ToText() => JsonSerializer.Serialize(this, DatabaseJson.Default.DatabaseRecord) + "\n";
}

/// <summary>How the record is written.</summary>
[JsonSourceGenerationOptions(
    WriteIndented = true,
    NewLine = "\n",
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(DatabaseRecord))]
internal sealed partial class DatabaseJson : JsonSerializerContext;
