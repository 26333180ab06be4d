using Lava.Build.Components;
using Lava.Build.Diagnostics;
using Lava.Build.Web;
using Microsoft.Build.Framework;

namespace Lava.Build.Tasks;

/// <summary>Checks how people are to reach the instance through a web server, before anything is fetched or written.</summary>
[MSBuildMultiThreadableTask]
public sealed class CheckLavaWeb : LavaTask
{
    /// <summary>The servers that configuration is written for (<c>LavaWebServers</c>).</summary>
    public string Servers { get; set; } = "";

    /// <summary>The names that the server answers to (<c>LavaHostName</c>).</summary>
    public string HostName { get; set; } = "";

    /// <summary>The path on a shared host (<c>LavaWebLocation</c>), or empty.</summary>
    public string WebLocation { get; set; } = "";

    /// <summary>The port of HTTP (<c>LavaWebPort</c>). Numbers and switches are text here, so that what is none is told like all else.</summary>
    public string Port { get; set; } = "";

    /// <summary>The port of HTTPS (<c>LavaWebTlsPort</c>).</summary>
    public string TlsPort { get; set; } = "";

    /// <summary>Whether people reach the server by TLS (<c>LavaWebTls</c>).</summary>
    public string Tls { get; set; } = "";

    /// <summary>The certificate (<c>LavaTlsCertificate</c>), or empty.</summary>
    public string Certificate { get; set; } = "";

    /// <summary>Its key (<c>LavaTlsKey</c>), or empty.</summary>
    public string Key { get; set; } = "";

    /// <summary>The address that the application listens at (<c>LavaBind</c>).</summary>
    public string Bind { get; set; } = "";

    /// <summary>The application's port (<c>LavaPort</c>).</summary>
    public string ApplicationPort { get; set; } = "";

    /// <summary>The port of its WebSocket service (<c>LavaPublisherPort</c>).</summary>
    public string PublisherPort { get; set; } = "";

    /// <inheritdoc/>
    protected override Task RunAsync(CancellationToken cancellation)
    {
        WebSite site = new()
        {
            Servers = MetadataList.Split(Servers),
            HostNames = MetadataList.Split(HostName),
            Location = WebLocation,
            Port = Port,
            TlsPort = TlsPort,
            Tls = Tls,
            Certificate = Certificate.Length == 0 ? "" : Absolute(Certificate),
            Key = Key.Length == 0 ? "" : Absolute(Key),
            Bind = Bind,
            ApplicationPort = ApplicationPort,
            PublisherPort = PublisherPort,
        };
        LavaException.ThrowIfAny([.. WebChecks.Check(site, ProjectFile)], BuildLog);
        return Task.CompletedTask;
    }
}
