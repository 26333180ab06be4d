using System.Net;
using Lava.Build.Diagnostics;
using Lava.Build.Platform;

namespace Lava.Build.Sources;

/// <summary>
/// The proxies that the host's variables name: <c>http_proxy</c>, <c>https_proxy</c>, <c>all_proxy</c> and <c>no_proxy</c>, in
/// either case, the lower one first. .NET's own reading sees the process's variables, which are not the project's.
/// </summary>
internal sealed class ProxySettings : IWebProxy, ICredentials
{
    private static readonly string[] Schemes = ["http", "https", "socks4", "socks4a", "socks5", "socks5h"];

    private readonly Uri? _http;
    private readonly Uri? _https;
    private readonly string[] _direct;
    private readonly Dictionary<string, NetworkCredential> _credentials = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Reads the variables.</summary>
    /// <exception cref="LavaException">One of them is no URL of a proxy.</exception>
    internal ProxySettings(HostEnvironment host)
    {
        _http = Read(host, "http_proxy") ?? Read(host, "all_proxy");
        _https = Read(host, "https_proxy") ?? Read(host, "all_proxy");
        string direct = Value(host, "no_proxy") ?? "";
        _direct = direct.Split([',', ' '], StringSplitOptions.RemoveEmptyEntries);
    }

    /// <inheritdoc/>
    public ICredentials? Credentials
    {
        get => this;
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public Uri? GetProxy(Uri destination) =>
        IsDirect(destination) ? null : destination.Scheme == Uri.UriSchemeHttps ? _https : _http;

    /// <inheritdoc/>
    public bool IsBypassed(Uri host) => GetProxy(host) is null;

    /// <inheritdoc/>
    public NetworkCredential? GetCredential(Uri uri, string authType) => _credentials.GetValueOrDefault(uri.Authority);

    private static string? Value(HostEnvironment host, string name)
    {
        string? value = host[name];
        return string.IsNullOrEmpty(value) ? host[name.ToUpperInvariant()] : value;
    }

    private Uri? Read(HostEnvironment host, string name)
    {
        string? text = Value(host, name);
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        string full = text.Contains("://", StringComparison.Ordinal) ? text : $"http://{text}";
        if (UrlText.HasInvisible(full) || !Uri.TryCreate(full, UriKind.Absolute, out Uri? uri) || !Schemes.Contains(uri.Scheme) || uri.Host.Length == 0)
        {
            throw Problem.Error(Strings.BadProxy, SourceLocation.None, name, UrlText.Redact(full)).ToException();
        }

        // curl's name for a proxy that looks names up itself, as .NET always lets it.
        string scheme = uri.Scheme == "socks5h" ? "socks5" : uri.Scheme;
        Uri bare = new UriBuilder(scheme, uri.Host, uri.Port < 0 ? 1080 : uri.Port).Uri;
        if (uri.UserInfo.Length > 0)
        {
            string[] parts = uri.UserInfo.Split(':', 2);
            string password = parts.Length > 1 ? Uri.UnescapeDataString(parts[1]) : "";
            _credentials[bare.Authority] = new NetworkCredential(Uri.UnescapeDataString(parts[0]), password);
        }

        return bare;
    }

    private bool IsDirect(Uri destination) => Array.Exists(_direct, entry => Fits(entry, destination));

    /// <summary>As curl reads it: '*', a domain with all below it, an address, a network; with or without a port.</summary>
    private static bool Fits(string entry, Uri destination)
    {
        string host = destination.IdnHost;
        if (entry == "*")
        {
            return true;
        }

        if (IPAddress.TryParse(host, out IPAddress? address)
            && IPNetwork.TryParse(entry, out IPNetwork network)
            && network.BaseAddress.AddressFamily == address.AddressFamily)
        {
            return network.Contains(address);
        }

        int colon = entry.LastIndexOf(':');
        if (colon > 0 && !IPAddress.TryParse(entry, out _) && int.TryParse(entry[(colon + 1)..], out int port))
        {
            if (port != destination.Port)
            {
                return false;
            }

            entry = entry[..colon];
        }

        string name = entry.TrimStart('*').TrimStart('.').Trim('[', ']');
        return name.Length > 0
            && (host.Equals(name, StringComparison.OrdinalIgnoreCase)
                || host.EndsWith($".{name}", StringComparison.OrdinalIgnoreCase));
    }
}
