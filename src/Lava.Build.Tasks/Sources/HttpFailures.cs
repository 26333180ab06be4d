using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Authentication;
using Lava.Build.Diagnostics;

namespace Lava.Build.Sources;

/// <summary>Which failures of HTTP are worth another try, and what to say of them.</summary>
internal static class HttpFailures
{
    /// <summary>The server answered, but not with content.</summary>
    internal static DownloadFailure OfStatus(DownloadRequest request, Uri url, HttpResponseMessage response)
    {
        int status = (int)response.StatusCode;
        bool transient = status is 408 or 429 or >= 500;
        string advice = status switch
        {
            401 or 403 => "Access needs other credentials; those for a host can stand in a netrc file.",
            404 or 410 => "Correct the URL, or add Mirrors.",
            407 => "Put the proxy's credentials into its variable.",
            _ => "Try again later, or add Mirrors.",
        };
        return new DownloadFailure(
            request.Error(Strings.DownloadRefused, UrlText.Public(url), status, Reason(response), advice),
            transient,
            transient ? After(response.Headers.RetryAfter) : null);
    }

    /// <summary>There was no answer.</summary>
    internal static DownloadFailure Of(DownloadRequest request, Uri url, HttpRequestException failure)
    {
        Exception cause = failure.InnerException is { } inner ? inner.GetBaseException() : failure;
        return failure switch
        {
            { HttpRequestError: HttpRequestError.SecureConnectionError } when failure.InnerException is AuthenticationException =>
                new DownloadFailure(request.Error(Strings.ServerNotTrusted, UrlText.Public(url), cause.Message), inner: failure),
            _ => new DownloadFailure(
                request.Error(Strings.Unreachable, UrlText.Public(url), cause.Message.TrimEnd('.')), IsTransient(failure, cause), inner: failure),
        };
    }

    private static bool IsTransient(HttpRequestException failure, Exception cause) => failure.HttpRequestError switch
    {
        HttpRequestError.NameResolutionError => cause is SocketException { SocketErrorCode: SocketError.TryAgain },
        HttpRequestError.InvalidResponse or HttpRequestError.ConfigurationLimitExceeded or HttpRequestError.VersionNegotiationError => false,
        HttpRequestError.ProxyTunnelError => failure.StatusCode is >= HttpStatusCode.InternalServerError,
        _ => true,
    };

    /// <summary>The reason a server gives is its own text: shown without what a terminal or log could take for more.</summary>
    private static string Reason(HttpResponseMessage response) =>
        string.Concat((response.ReasonPhrase ?? "").Where(character => !char.IsControl(character)).Take(80));

    private static TimeSpan? After(RetryConditionHeaderValue? header) =>
        header?.Delta ?? (header?.Date is { } date && date - DateTimeOffset.UtcNow is { Ticks: > 0 } wait ? wait : null);
}
