using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Lava.Build.Platform;

/// <summary>The system calls on processes.</summary>
internal static unsafe partial class Posix
{
    internal const int EINTR = 4;
    internal const int ENOMEM = 12;
    internal const int ENFILE = 23;
    internal const int EMFILE = 24;
    internal const int ECHILD = 10;
    internal const int ESRCH = 3;
    private const int EINVAL = 22;

    internal const int SIGHUP = 1;
    internal const int SIGKILL = 9;
    internal const int SIGTERM = 15;
    private const int SIGPIPE = 13;

    private const int AnyProcess = 0;
    private const int OneProcess = 1;
    private const int WaitExited = 4;
    private const int WaitNoReap = 0x01000000;
    private const int PollIn = 1;
    private const int PollOut = 4;

    private const int SetSubreaper = 36;
    private const int SetDescriptorFlags = 2;
    private const int CloseOnExec = 1;

    private const short SpawnSignalMask = 0x08;
    private const short SpawnSignalDefaults = 0x04;
    private const short SpawnSession = 0x80;

    // Larger than what any C library has for them.
    private const int OpaqueSize = 1024;
    private const int FirstInherited = 3;

    /// <summary>
    /// Starts <paramref name="program"/> as the leader of a session of its own, with every signal at its default, and with no open file but the
    /// given ones (posix_spawn(3)).
    /// </summary>
    /// <param name="program">Its path.</param>
    /// <param name="arguments">Its arguments, its own name first.</param>
    /// <param name="environment">All its variables.</param>
    /// <param name="directory">Where it runs.</param>
    /// <param name="files">What it has as descriptors 0, 1, 2 and so on.</param>
    /// <returns>Its process id.</returns>
    /// <exception cref="IOException">It cannot be started.</exception>
    internal static int Spawn(
        string program, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> environment, string directory, params ReadOnlySpan<SafeFileHandle> files)
    {
        using NativeStrings argumentList = new(arguments);
        using NativeStrings variables = new([.. environment.Select(variable => $"{variable.Key}={variable.Value}")]);
        byte* actions = stackalloc byte[OpaqueSize];
        byte* attributes = stackalloc byte[OpaqueSize];
        ulong* signals = stackalloc ulong[OpaqueSize / sizeof(ulong)];
        Require(posix_spawn_file_actions_init(actions), program);
        try
        {
            Require(posix_spawnattr_init(attributes), program);
            for (int i = 0; i < files.Length; i++)
            {
                Require(posix_spawn_file_actions_adddup2(actions, (int)files[i].DangerousGetHandle(), i), program);
            }

            Require(posix_spawn_file_actions_addclosefrom_np(actions, Math.Max(FirstInherited, files.Length)), program);
            Require(posix_spawn_file_actions_addchdir_np(actions, directory), directory);
            new Span<ulong>(signals, OpaqueSize / sizeof(ulong)).Clear();
            Require(posix_spawnattr_setsigmask(attributes, signals), program);
            // .NET ignores SIGPIPE, and programs would inherit that.
            _ = sigfillset(signals);
            Require(posix_spawnattr_setsigdefault(attributes, signals), program);
            Require(posix_spawnattr_setflags(attributes, SpawnSession | SpawnSignalMask | SpawnSignalDefaults), program);
            Require(posix_spawn(out int process, program, actions, attributes, argumentList.Pointer, variables.Pointer), program);
            _ = posix_spawnattr_destroy(attributes);
            return process;
        }
        finally
        {
            _ = posix_spawn_file_actions_destroy(actions);
        }
    }

    /// <summary>Becomes another program; returns only by an exception.</summary>
    /// <exception cref="IOException">It cannot be started.</exception>
    internal static void Become(string program, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> environment)
    {
        using NativeStrings argumentList = new(arguments);
        using NativeStrings variables = new([.. environment.Select(variable => $"{variable.Key}={variable.Value}")]);
        // .NET ignores it, and the program would inherit that; handlers end with this program by themselves.
        _ = signal(SIGPIPE, 0);
        Check(execve(program, argumentList.Pointer, variables.Pointer), program);
    }

    /// <summary>Waits until a child of this process has ended, without taking its exit code; 0 if there is no child.</summary>
    internal static int WaitForAny() => Wait(AnyProcess, 0, WaitExited | WaitNoReap) is { } ended ? ended.Process : 0;

    /// <summary>Takes the exit code of a child that has ended, after which its id may be another's.</summary>
    /// <returns>Its exit code; 128 and the number of the signal where one ended it.</returns>
    internal static int Reap(int process) => Wait(OneProcess, process, WaitExited)?.ExitCode ?? 0;

    /// <summary>Sends a signal to a process; false if there is none of this id.</summary>
    /// <exception cref="IOException">It belongs to another user.</exception>
    internal static bool Kill(int process, int signal)
    {
        if (kill(process, signal) == 0)
        {
            return true;
        }

        int error = Marshal.GetLastPInvokeError();
        return error == ESRCH ? false : throw Failure(error, $"process {process}");
    }

    /// <summary>Waits until the process <paramref name="handle"/> of <see cref="OpenProcess"/> has ended.</summary>
    internal static void WaitForEnd(SafeFileHandle handle)
    {
        PollEntry entry = new() { Descriptor = (int)handle.DangerousGetHandle(), Events = PollIn };
        while (poll(&entry, 1, -1) < 0 && Marshal.GetLastPInvokeError() == EINTR)
        {
        }
    }

    /// <summary>A handle of a process that stays its own, whoever gets its id later (pidfd_open(2)); null if it has ended.</summary>
    internal static SafeFileHandle? OpenProcess(int process)
    {
        int descriptor = pidfd_open(process, 0);
        if (descriptor >= 0)
        {
            return new SafeFileHandle(descriptor, ownsHandle: true);
        }

        int error = Marshal.GetLastPInvokeError();
        return error == ESRCH ? null : throw Failure(error, $"process {process}");
    }

    /// <summary>Sends a signal to the process of a handle (pidfd_send_signal(2)); one that has ended is no failure.</summary>
    /// <exception cref="IOException">It belongs to another user.</exception>
    internal static void Signal(SafeFileHandle handle, int signal)
    {
        if (pidfd_send_signal(handle, signal, 0, 0) < 0 && Marshal.GetLastPInvokeError() is not ESRCH and var error)
        {
            throw Failure(error, "a process");
        }
    }

    /// <summary>The process that started this one.</summary>
    internal static int Parent() => getppid();

    /// <summary>Makes this process the parent of all that its descendants leave behind, so that none of them gets lost.</summary>
    internal static void AdoptOrphans() => Check(prctl(SetSubreaper, 1, 0, 0, 0), "prctl");

    /// <summary>A pipe; both ends are closed in programs that are started.</summary>
    internal static (SafeFileHandle Read, SafeFileHandle Write) Pipe()
    {
        int* ends = stackalloc int[2];
        Check(pipe2(ends, OpenCloseOnExec), "a pipe");
        return (new SafeFileHandle(ends[0], ownsHandle: true), new SafeFileHandle(ends[1], ownsHandle: true));
    }

    /// <summary>An open file that this process was started with, which its own programs do not get.</summary>
    internal static SafeFileHandle Inherited(int descriptor)
    {
        Check(fcntl(descriptor, SetDescriptorFlags, CloseOnExec), $"descriptor {descriptor}");
        return new SafeFileHandle(descriptor, ownsHandle: true);
    }

    /// <summary>Reads what is there, at most <paramref name="buffer"/>; 0 at the end.</summary>
    internal static int Read(SafeFileHandle file, Span<byte> buffer)
    {
        while (true)
        {
            nint count = read(file, buffer, buffer.Length);
            if (count >= 0)
            {
                return (int)count;
            }

            int error = Marshal.GetLastPInvokeError();
            if (error != EINTR)
            {
                throw Failure(error, "an open file");
            }
        }
    }

    /// <summary>Writes all of <paramref name="content"/> to a pipe or terminal, waiting as long as it is full.</summary>
    internal static void WriteStream(SafeFileHandle stream, ReadOnlySpan<byte> content)
    {
        while (!content.IsEmpty)
        {
            nint count = write(stream, content, content.Length);
            if (count >= 0)
            {
                content = content[(int)count..];
                continue;
            }

            int error = Marshal.GetLastPInvokeError();
            if (error == EWOULDBLOCK)
            {
                // Another who has the same terminal open made it so.
                PollEntry entry = new() { Descriptor = (int)stream.DangerousGetHandle(), Events = PollOut };
                _ = poll(&entry, 1, -1);
            }
            else if (error != EINTR)
            {
                throw Failure(error, "an open file");
            }
        }
    }

    /// <summary>Gives an open file to a user.</summary>
    internal static void Give(SafeFileHandle file, uint user, uint group) => Check(fchown(file, user, group), "an open file");

    /// <summary>Opens a file to append to, made with <paramref name="mode"/> if missing; follows no link and waits for nobody.</summary>
    /// <exception cref="IOException">It cannot be opened, or is no regular file.</exception>
    internal static SafeFileHandle OpenForAppend(string path, UnixFileMode mode)
    {
        int descriptor = open(path, OpenWriteOnly | OpenAppend | OpenCreate | NoFollowFlag | OpenNonBlocking | OpenCloseOnExec, (int)mode);
        Check(descriptor, path);
        SafeFileHandle file = new(descriptor, ownsHandle: true);
        if (FileStatus.Of(file).Kind != FileKind.File)
        {
            file.Dispose();
            throw Failure(EINVAL, path);
        }

        return file;
    }

    private static (int Process, int ExitCode)? Wait(int kind, int process, int options)
    {
        SignalInformation information = default;
        while (waitid(kind, process, &information, options) != 0)
        {
            int error = Marshal.GetLastPInvokeError();
            if (error != EINTR)
            {
                return error == ECHILD ? null : throw Failure(error, "waitid");
            }
        }

        const int exited = 1;
        const int signalBase = 128;
        return (information.Process, information.Code == exited ? information.Status : signalBase + information.Status);
    }

    private static void Require(int error, string path)
    {
        if (error != 0)
        {
            throw Failure(error, path);
        }
    }

    /// <summary>A list of strings that ends with a null, as exec(3) wants it.</summary>
    private readonly struct NativeStrings : IDisposable
    {
        private readonly int _count;

        internal NativeStrings(IReadOnlyList<string> strings)
        {
            _count = strings.Count;
            Pointer = (byte**)NativeMemory.Alloc((nuint)(_count + 1), (nuint)sizeof(byte*));
            for (int i = 0; i < _count; i++)
            {
                byte[] bytes = Encoding.UTF8.GetBytes(strings[i] + '\0');
                Pointer[i] = (byte*)NativeMemory.Alloc((nuint)bytes.Length);
                bytes.CopyTo(new Span<byte>(Pointer[i], bytes.Length));
            }

            Pointer[_count] = null;
        }

        internal byte** Pointer { get; }

        public void Dispose()
        {
            for (int i = 0; i < _count; i++)
            {
                NativeMemory.Free(Pointer[i]);
            }

            NativeMemory.Free(Pointer);
        }
    }

    /// <summary>The head of siginfo_t as waitid(2) fills it on 64-bit Linux.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 128)]
    private struct SignalInformation
    {
        [FieldOffset(8)]
        internal int Code;

        [FieldOffset(16)]
        internal int Process;

        [FieldOffset(24)]
        internal int Status;
    }

    private struct PollEntry
    {
        internal int Descriptor;
        internal short Events;
        internal short Returned;
    }

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_init(byte* actions);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_destroy(byte* actions);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_adddup2(byte* actions, int from, int to);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_addclosefrom_np(byte* actions, int from);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int posix_spawn_file_actions_addchdir_np(byte* actions, string path);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_init(byte* attributes);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_destroy(byte* attributes);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_setflags(byte* attributes, short flags);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_setsigmask(byte* attributes, ulong* signals);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_setsigdefault(byte* attributes, ulong* signals);

    [LibraryImport("libc")]
    private static partial int sigfillset(ulong* signals);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int posix_spawn(out int process, string path, byte* actions, byte* attributes, byte** arguments, byte** environment);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int execve(string path, byte** arguments, byte** environment);

    [LibraryImport("libc")]
    private static partial nint signal(int number, nint handler);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int waitid(int kind, int process, SignalInformation* information, int options);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int poll(PollEntry* entries, nuint count, int timeout);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int pidfd_open(int process, uint flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int pidfd_send_signal(SafeFileHandle process, int signal, nint information, uint flags);

    [LibraryImport("libc")]
    private static partial int getppid();

    [LibraryImport("libc", SetLastError = true)]
    private static partial int prctl(int option, nuint second, nuint third, nuint fourth, nuint fifth);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int pipe2(int* ends, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fcntl(int descriptor, int command, int value);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint read(SafeFileHandle file, Span<byte> buffer, nint count);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fchown(SafeFileHandle file, uint user, uint group);
}
