using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Lava.Build.Platform;

/// <summary>The terminal that a person sits at, whatever standard input and output are: <c>/dev/tty</c>.</summary>
public sealed partial class Terminal : IDisposable
{
    private const string Path = "/dev/tty";

    // struct termios of Linux's C libraries: four flag words, the line discipline, 32 control characters, two speeds.
    private const int SettingsSize = 60;
    private const int LocalFlags = 12;
    private const uint Echo = 8;
    private const int AfterFlush = 2;

    private readonly FileStream _stream;

    private Terminal(FileStream stream) => _stream = stream;

    /// <summary>Opens it; null where the process has none.</summary>
    public static Terminal? TryOpen()
    {
        try
        {
            // Unbuffered: one file for reading and writing, which cannot be positioned.
            return new Terminal(new FileStream(Path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Shows a line that stays. MSBuild's terminal logger writes over the last two that it finds, so two empty ones follow.</summary>
    public void Say(string text) => Write(text + "\n\n\n");

    /// <summary>Asks for a line that is not shown while it is typed; null if the terminal was closed instead.</summary>
    /// <exception cref="OperationCanceledException">The caller cancelled; the terminal shows again what is typed.</exception>
    public async Task<string?> AskSecretAsync(string question, CancellationToken cancellation)
    {
        byte[] settings = new byte[SettingsSize];
        Check(tcgetattr(_stream.SafeFileHandle, settings));
        byte[] silent = [.. settings];
        BitConverter.TryWriteBytes(silent.AsSpan(LocalFlags), BitConverter.ToUInt32(settings, LocalFlags) & ~Echo);
        Check(tcsetattr(_stream.SafeFileHandle, AfterFlush, silent));
        try
        {
            Write(question);
            // A read of a terminal cannot be cancelled: the thread is left to itself.
            return await Task.Factory.StartNew(ReadLine, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).WaitAsync(cancellation);
        }
        finally
        {
            Check(tcsetattr(_stream.SafeFileHandle, AfterFlush, settings));
            // The newline that was typed was not shown either.
            Write("\n");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    private void Write(string text) => _stream.Write(Encoding.UTF8.GetBytes(text));

    private string? ReadLine()
    {
        List<byte> line = [];
        while (true)
        {
            int next = _stream.ReadByte();
            if (next < 0 && line.Count == 0)
            {
                return null;
            }

            if (next is < 0 or '\n')
            {
                return Encoding.UTF8.GetString([.. line]);
            }

            line.Add((byte)next);
        }
    }

    private static void Check(int result)
    {
        if (result != 0)
        {
            throw new IOException($"{Path}: {Marshal.GetLastPInvokeErrorMessage()}", Marshal.GetLastPInvokeError());
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int tcgetattr(SafeFileHandle file, [Out] byte[] settings);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int tcsetattr(SafeFileHandle file, int when, byte[] settings);
}
