using Lava.Build.Platform;

namespace Lava.Build.Services.Supervision;

/// <summary>Looks whether a service does its work.</summary>
internal sealed class HealthLook(ServiceDescription service, RunContext context, RunAs? user)
{
    private static readonly Lazy<HttpClient> Client = new(MakeClient);
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);
    private readonly HealthCheck _check = service.Health ?? new HealthCheck();

    /// <summary>Looks once.</summary>
    /// <param name="limit">How long that may take.</param>
    /// <param name="cancellation">Ends the look.</param>
    /// <returns>Null if all is well; else what was seen.</returns>
    internal async Task<string?> LookAsync(TimeSpan limit, CancellationToken cancellation)
    {
        using CancellationTokenSource time = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        time.CancelAfter(limit);
        try
        {
            return _check.Http.Length > 0 ? await HttpAsync(context.Holes.Fill(_check.Http), time.Token)
                : _check.Socket.Length > 0 ? await ListenAddress.Parse(_check.Socket, context.Holes).ConnectAsync(time.Token)
                : await CommandAsync(_check.Command, time.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return $"{Subject} did not answer within {limit.TotalSeconds:0.#} s";
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // No process or descriptor may be left: that tells little of the service, and the next look may be made.
            return $"{Subject} could not be looked at: {failure.Message}";
        }
    }

    private string Subject => context.Holes.Fill(_check.Http.Length > 0 ? _check.Http : _check.Socket.Length > 0 ? _check.Socket : $"'{_check.Command}'");

    private async Task<string?> HttpAsync(string url, CancellationToken cancellation)
    {
        try
        {
            using HttpResponseMessage answer = await Client.Value.GetAsync(url, HttpCompletionOption.ResponseHeadersRead, cancellation);
            return (int)answer.StatusCode == _check.Status ? null : $"{url} answered {(int)answer.StatusCode} {answer.ReasonPhrase}, not {_check.Status}";
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException or UriFormatException or InvalidOperationException)
        {
            return $"{url}: {Innermost(failure)}";
        }
    }

    private async Task<string?> CommandAsync(string command, CancellationToken cancellation)
    {
        OutputLines lines = new(_ => { });
        using ChildProcess child = await context.Children.StartAsync(new ChildRequest(
            "/bin/sh", ["-c", RunHoles.ShellLine(command)], context.Variables(service.Name, user, service.Environment), context.Layout.Root)
        {
            User = user,
            DeathSignal = "SIGKILL",
            Lines = lines,
        });
        child.Release();
        try
        {
            int exitCode = await child.Ended.WaitAsync(cancellation);
            if (exitCode == 0)
            {
                return null;
            }

            // What it left running may keep its output open.
            await Task.WhenAny(child.OutputEnded, Task.Delay(Grace, cancellation));
            string last = lines.LastLines.Count == 0 ? "" : $": {lines.LastLines[^1]}";
            return $"'{command}' {SignalNames.Describe(exitCode)}{last}";
        }
        finally
        {
            SessionMembers.Kill(child.Identity);
        }
    }

    private static string Innermost(Exception failure) => failure.InnerException is { } inner ? Innermost(inner) : failure.Message;

    // The instance's own service is asked, directly.
    [System.Diagnostics.CodeAnalysis.SuppressMessage(
        "Security", "CA5359", Justification = "The certificate is for the name that users reach it by; nothing is sent but the question.")]
    private static HttpClient MakeClient()
    {
        SocketsHttpHandler handler = new()
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            PooledConnectionLifetime = TimeSpan.Zero,
        };
        handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;
        return new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
    }
}
