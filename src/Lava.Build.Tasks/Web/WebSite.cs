namespace Lava.Build.Web;

/// <summary>How people reach an instance through a web server, as the project says it; nothing is checked yet.</summary>
public sealed record WebSite
{
    /// <summary>The servers that configuration is written for (<c>LavaWebServers</c>): <c>nginx</c>, <c>apache2</c>, or <c>none</c>.</summary>
    public required IReadOnlyList<string> Servers { get; init; }

    /// <summary>The names that the server answers to (<c>LavaHostName</c>); the first one is what redirects lead to.</summary>
    public required IReadOnlyList<string> HostNames { get; init; }

    /// <summary>The path on a shared host (<c>LavaWebLocation</c>), such as <c>/lab</c>; empty for a virtual host.</summary>
    public string Location { get; init; } = "";

    /// <summary>The port of HTTP (<c>LavaWebPort</c>).</summary>
    public required string Port { get; init; }

    /// <summary>The port of HTTPS (<c>LavaWebTlsPort</c>).</summary>
    public required string TlsPort { get; init; }

    /// <summary>Whether people reach the server by TLS (<c>LavaWebTls</c>).</summary>
    public required string Tls { get; init; }

    /// <summary>The certificate's absolute path (<c>LavaTlsCertificate</c>), or empty.</summary>
    public string Certificate { get; init; } = "";

    /// <summary>The absolute path of its key (<c>LavaTlsKey</c>), or empty.</summary>
    public string Key { get; init; } = "";

    /// <summary>The address that the application listens at (<c>LavaBind</c>): a name, or an IP address.</summary>
    public required string Bind { get; init; }

    /// <summary>The application's port (<c>LavaPort</c>).</summary>
    public required string ApplicationPort { get; init; }

    /// <summary>The port of its WebSocket service (<c>LavaPublisherPort</c>).</summary>
    public required string PublisherPort { get; init; }
}
