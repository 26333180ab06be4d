using System.Globalization;
using System.Net.Sockets;
using System.Text.Json;

namespace Lava.Build.Services.Checks;

/// <summary>Whether an instance runs, whoever started it.</summary>
public static class RunningInstance
{
    private const string StateFile = "run/services.json";
    private const string BootFile = "/proc/sys/kernel/random/boot_id";
    private const int StartField = 22;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Looks for it.</summary>
    /// <param name="root">The instance's directory.</param>
    /// <param name="services">What it runs.</param>
    /// <param name="cancellation">Ends the search.</param>
    /// <returns>
    /// Whether it runs, and which release, where that is known. One that listens nowhere is taken to run: systemd, and whoever starts services
    /// by hand, leave nothing else to tell by.
    /// </returns>
    public static async Task<(bool Runs, string? Release)> FindAsync(string root, InstanceServices services, CancellationToken cancellation)
    {
        if (SupervisedRelease(root) is { } release)
        {
            return (true, release);
        }

        string[] places = [.. services.Services.SelectMany(service => service.Listens)];
        if (places.Length == 0)
        {
            return (true, null);
        }

        bool[] answers = await Task.WhenAll(places.Select(place => AnswersAsync(root, place, cancellation)));
        return (answers.Contains(true), null);
    }

    // What a supervisor that lives wrote; after a power loss or a kill the file may name processes of others.
    private static string? SupervisedRelease(string root)
    {
        string file = Path.Combine(root, StateFile);
        if (!File.Exists(file))
        {
            return null;
        }

        try
        {
            using JsonDocument state = JsonDocument.Parse(File.ReadAllBytes(file));
            JsonElement supervisor = state.RootElement.GetProperty("supervisor");
            bool lives = state.RootElement.GetProperty("boot").GetString() == File.ReadAllText(BootFile).Trim()
                && StartOf(supervisor.GetProperty("pid").GetInt32()) == supervisor.GetProperty("start").GetInt64();
            return lives ? Path.GetFileName(state.RootElement.GetProperty("release").GetString()) : null;
        }
        catch (Exception failure) when (failure is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or FileNotFoundException)
        {
            // It is another version's, or was removed just now; what listens tells as well.
            return null;
        }
    }

    private static long? StartOf(int process)
    {
        try
        {
            // The second field is the program's name in parentheses, which may hold blanks and parentheses (proc(5)).
            string text = File.ReadAllText($"/proc/{process}/stat");
            string[] fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            return long.Parse(fields[StartField - 3], CultureInfo.InvariantCulture);
        }
        catch (Exception failure) when (failure is FileNotFoundException or DirectoryNotFoundException or IOException)
        {
            return null;
        }
    }

    private static async Task<bool> AnswersAsync(string root, string place, CancellationToken cancellation)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Patience);
        int colon = place.LastIndexOf(':');
        bool isPort = colon > 0 && int.TryParse(place[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out _);
        try
        {
            if (isPort)
            {
                using TcpClient client = new();
                await client.ConnectAsync(place[..colon].Trim('[', ']'), int.Parse(place[(colon + 1)..], CultureInfo.InvariantCulture), limit.Token);
            }
            else
            {
                using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(Path.Combine(root, place)), limit.Token);
            }

            return true;
        }
        catch (Exception failure) when (failure is SocketException or ArgumentException || (failure is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            // Nobody accepts there, or the path is too long for a socket.
            return false;
        }
    }
}
