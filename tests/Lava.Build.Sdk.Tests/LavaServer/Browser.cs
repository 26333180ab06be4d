using System.Diagnostics;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;

namespace Lava.Build.Sdk.Tests;

/// <summary>The host's Chromium without a window, driven by the DevTools protocol: https://chromedevtools.github.io/devtools-protocol/</summary>
internal sealed class Browser : IAsyncDisposable
{
    private const string Announcement = "DevTools listening on ";
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(100);
    private readonly Process _process;
    private readonly ClientWebSocket _socket = new();
    private readonly CancellationTokenSource _end = new();
    private readonly Dictionary<int, TaskCompletionSource<JsonNode>> _calls = [];
    private readonly List<string> _complaints = [];
    private readonly Lock _gate = new();
    private Task _reading = Task.CompletedTask;
    private string _session = "";
    private int _lastCall;

    private Browser(Process process) => _process = process;

    /// <summary>Failed requests, errors in the console, and exceptions of scripts, since the start.</summary>
    public IReadOnlyList<string> Complaints
    {
        get
        {
            lock (_gate)
            {
                return [.. _complaints];
            }
        }
    }

    /// <summary>Starts it with an empty profile.</summary>
    public static async Task<Browser> StartAsync(string profile)
    {
        // Without a sandbox, which root and containers do not have: it sees only pages of the test's own server.
        Process process = Command.Start(
            "chromium", "/", new Dictionary<string, string> { ["HOME"] = profile, ["TMPDIR"] = profile },
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-proxy-server", "--disable-background-networking",
            "--remote-debugging-port=0", $"--user-data-dir={profile}", "--window-size=1280,1000", "about:blank");
        Browser browser = new(process);
        using CancellationTokenSource limit = new(Limit);
        string? line = "";
        while (line?.StartsWith(Announcement, StringComparison.Ordinal) == false)
        {
            line = await process.StandardError.ReadLineAsync(limit.Token);
        }

        await browser._socket.ConnectAsync(new Uri(line?[Announcement.Length..] ?? throw new AssertFailedException("Chromium ended")), limit.Token);
        // A pipe that nobody reads would stop it.
        _ = process.StandardError.BaseStream.CopyToAsync(Stream.Null, browser._end.Token);
        browser._reading = browser.ReadAsync();
        string target = (string)(await browser.CallAsync("Target.createTarget", new JsonObject { ["url"] = "about:blank" }))["targetId"]!;
        browser._session = (string)(await browser.CallAsync("Target.attachToTarget", new JsonObject { ["targetId"] = target, ["flatten"] = true }))["sessionId"]!;
        foreach (string domain in (string[])["Page", "Network", "Runtime", "Log"])
        {
            await browser.CallAsync($"{domain}.enable");
        }

        return browser;
    }

    /// <summary>Opens a page, and waits until all that it consists of is there.</summary>
    public async Task OpenAsync(string address)
    {
        JsonNode answer = await CallAsync("Page.navigate", new JsonObject { ["url"] = address });
        Assert.IsNull(answer["errorText"], $"{address}: {answer["errorText"]}");
        await WaitAsync($"location.href.startsWith({JsonValue.Create(address).ToJsonString()}) && document.readyState == 'complete'");
    }

    /// <summary>Looks again and again until an expression of JavaScript is true.</summary>
    public async Task WaitAsync(string expression)
    {
        DateTime end = DateTime.UtcNow + Limit;
        while (await EvaluateAsync(expression) is not JsonValue value || !value.TryGetValue(out bool so) || !so)
        {
            Assert.IsTrue(DateTime.UtcNow < end, $"Never so: {expression}. {string.Join('\n', Complaints)}");
            await Task.Delay(Between);
        }
    }

    /// <summary>The value of an expression of JavaScript in the page.</summary>
    public async Task<JsonNode?> EvaluateAsync(string expression) =>
        (await CallAsync("Runtime.evaluate", new JsonObject { ["expression"] = expression, ["returnByValue"] = true }))["result"]?["value"];

    /// <summary>The page as it is seen, as PNG.</summary>
    public async Task<byte[]> ShootAsync() => Convert.FromBase64String((string)(await CallAsync("Page.captureScreenshot"))["data"]!);

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        await _reading;
        _process.Dispose();
        _socket.Dispose();
        _end.Dispose();
    }

    private async Task<JsonNode> CallAsync(string method, JsonObject? parameters = null)
    {
        TaskCompletionSource<JsonNode> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        int id = Interlocked.Increment(ref _lastCall);
        lock (_gate)
        {
            _calls[id] = answer;
        }

        JsonObject call = new() { ["id"] = id, ["method"] = method, ["params"] = parameters ?? [] };
        if (_session.Length > 0)
        {
            call["sessionId"] = _session;
        }

        await _socket.SendAsync(Encoding.UTF8.GetBytes(call.ToJsonString()), WebSocketMessageType.Text, endOfMessage: true, _end.Token);
        return await answer.Task.WaitAsync(Limit);
    }

    private async Task ReadAsync()
    {
        byte[] buffer = new byte[1 << 16];
        using MemoryStream message = new();
        try
        {
            while (true)
            {
                ValueWebSocketReceiveResult part = await _socket.ReceiveAsync(buffer.AsMemory(), _end.Token);
                message.Write(buffer, 0, part.Count);
                if (part.EndOfMessage)
                {
                    Take(JsonNode.Parse(message.ToArray())!);
                    message.SetLength(0);
                }
            }
        }
        catch (Exception failure) when (failure is OperationCanceledException or WebSocketException)
        {
            // The test is over.
        }
    }

    private void Take(JsonNode message)
    {
        lock (_gate)
        {
            if ((int?)message["id"] is { } id && _calls.Remove(id, out TaskCompletionSource<JsonNode>? call))
            {
                call.SetResult(message["result"] ?? throw new AssertFailedException(message.ToJsonString()));
            }
            else if (IsComplaint(message))
            {
                _complaints.Add(message["params"]!.ToJsonString());
            }
        }
    }

    private static bool IsComplaint(JsonNode message) => (string?)message["method"] switch
    {
        "Network.loadingFailed" or "Runtime.exceptionThrown" => true,
        "Network.responseReceived" => (int)message["params"]!["response"]!["status"]! >= 400,
        "Log.entryAdded" => (string?)message["params"]!["entry"]!["level"] == "error",
        "Runtime.consoleAPICalled" => (string?)message["params"]!["type"] is "error" or "assert",
        _ => false,
    };
}
