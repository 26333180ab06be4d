using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Lava.Build.Platform;
using Lava.Build.Sources;

namespace Lava.Build.Services.Checks;

/// <summary>Asks a web server, as the instance's own pages are asked: no cookies are kept, and a redirect is an answer like any other.</summary>
public sealed class HttpCheck : IDisposable
{
    private const int MostBytes = 1 << 20;
    private readonly RunHoles _holes;
    private readonly HttpClient _client;

    /// <summary>Asks by way of the proxies that the host's variables name, and what is on this machine directly.</summary>
    /// <param name="holes">What fills the URL's holes.</param>
    /// <param name="host">Whose variables count.</param>
    /// <exception cref="Diagnostics.LavaException">One of the variables is no URL of a proxy.</exception>
    public HttpCheck(RunHoles holes, HostEnvironment host)
    {
        _holes = holes;
        SocketsHttpHandler handler = new()
        {
            UseCookies = false,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.All,
            Proxy = new ProxyForOthers(new ProxySettings(host)),
        };
        _client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>Why the check fails; null if it passes.</summary>
    internal async Task<CheckFailure?> RunAsync(CheckDescription check, CancellationToken cancellation)
    {
        string url = _holes.Fill(check.Http);
        if (!Uri.TryCreate(url, UriKind.Absolute, out Uri? address) || (address.Scheme != Uri.UriSchemeHttp && address.Scheme != Uri.UriSchemeHttps))
        {
            return new CheckFailure($"'{url}' is not an absolute URL of http or https.");
        }

        try
        {
            using HttpRequestMessage request = new(HttpMethod.Get, address);
            request.Headers.UserAgent.Add(new ProductInfoHeaderValue("lava-build", null));
            using HttpResponseMessage response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
            string body = await ReadAsync(response, cancellation);
            return Judge(check, url, response, body);
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException)
        {
            return new CheckFailure($"Expected status {check.Status} from {url}, and there was no answer: {failure.GetBaseException().Message}.");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private CheckFailure? Judge(CheckDescription check, string url, HttpResponseMessage response, string body)
    {
        int status = (int)response.StatusCode;
        if (status != check.Status)
        {
            string where = response.Headers.Location is { } location ? $" and led to {location}" : "";
            return CheckFailure.WithLastLines(
                $"Expected status {check.Status} from {url}, and it answered {status} {response.ReasonPhrase}{where}.", body);
        }

        string expected = _holes.Fill(check.Expected);
        return body.Contains(expected, StringComparison.Ordinal)
            ? null
            : CheckFailure.WithLastLines($"Expected '{expected}' in the answer of {url}, and it is not there.", body);
    }

    // What is looked for stands early in a page, and what does not end must not fill the memory.
    private static async Task<string> ReadAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        byte[] buffer = new byte[MostBytes];
        await using Stream stream = await response.Content.ReadAsStreamAsync(cancellation);
        int length = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellation);
        return EncodingOf(response).GetString(buffer, 0, length);
    }

    private static Encoding EncodingOf(HttpResponseMessage response)
    {
        try
        {
            return response.Content.Headers.ContentType?.CharSet is { } name ? Encoding.GetEncoding(name.Trim('"')) : Encoding.UTF8;
        }
        catch (ArgumentException)
        {
            // A server may name any; the text that is looked for is most likely ASCII.
            return Encoding.UTF8;
        }
    }

    private sealed class ProxyForOthers(ProxySettings settings) : IWebProxy
    {
        public ICredentials? Credentials
        {
            get => settings.Credentials;
            set => throw new NotSupportedException();
        }

        public Uri? GetProxy(Uri destination) => IsBypassed(destination) ? null : settings.GetProxy(destination);

        public bool IsBypassed(Uri host) => host.IsLoopback || settings.IsBypassed(host);
    }
}
