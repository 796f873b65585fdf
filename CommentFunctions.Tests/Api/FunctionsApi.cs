namespace CommentFunctions.Tests.Api;

/// <summary>The types of Microsoft's Functions worker that the app is written against, with the members it uses. Each host must have them all.</summary>
internal static class FunctionsApi
{
    /// <summary>A namespace, then its types, each with its members below it. A type line begins with its visibility and kind.</summary>
    public const string Declarations = """
        namespace Microsoft.Azure.Functions.Worker

        public class FunctionAttribute : Attribute
            public FunctionAttribute(string name)
            public string Name { get; }

        public sealed class TimerTriggerAttribute : TriggerBindingAttribute
            public TimerTriggerAttribute(string schedule)
            public string Schedule { get; }
            public bool UseMonitor { get; set; }
            public bool RunOnStartup { get; set; }

        public class TimerInfo
            public TimerInfo()
            public ScheduleStatus ScheduleStatus { get; set; }
            public bool IsPastDue { get; set; }

        public class ScheduleStatus
            public ScheduleStatus()
            public DateTime Last { get; set; }
            public DateTime Next { get; set; }
            public DateTime LastUpdated { get; set; }

        public sealed class ServiceBusTriggerAttribute : TriggerBindingAttribute
            public ServiceBusTriggerAttribute(string queueName)
            public ServiceBusTriggerAttribute(string topicName, string subscriptionName)
            public string Connection { get; set; }
            public string QueueName { get; }
            public string TopicName { get; }
            public string SubscriptionName { get; }
            public bool IsSessionsEnabled { get; set; }
            public bool IsBatched { get; set; }
            public bool AutoCompleteMessages { get; set; }

        public class ServiceBusMessageActions
            protected ServiceBusMessageActions()
            public virtual Task CompleteMessageAsync(ServiceBusReceivedMessage message, CancellationToken cancellationToken = default)
            public virtual Task AbandonMessageAsync(ServiceBusReceivedMessage message, IDictionary<string, object> propertiesToModify = default, CancellationToken cancellationToken = default)
            public virtual Task DeadLetterMessageAsync(ServiceBusReceivedMessage message, Dictionary<string, object> propertiesToModify = default, string deadLetterReason = default, string deadLetterErrorDescription = default, CancellationToken cancellationToken = default)
            public virtual Task DeferMessageAsync(ServiceBusReceivedMessage message, IDictionary<string, object> propertiesToModify = default, CancellationToken cancellationToken = default)
            public virtual Task RenewMessageLockAsync(ServiceBusReceivedMessage message, CancellationToken cancellationToken = default)

        public sealed class HttpTriggerAttribute : TriggerBindingAttribute
            public HttpTriggerAttribute()
            public HttpTriggerAttribute(params string[] methods)
            public HttpTriggerAttribute(AuthorizationLevel authLevel)
            public HttpTriggerAttribute(AuthorizationLevel authLevel, params string[] methods)
            public string Route { get; set; }
            public string[] Methods { get; }
            public AuthorizationLevel AuthLevel { get; }

        public enum AuthorizationLevel
            Anonymous = 0
            User = 1
            Function = 2
            System = 3
            Admin = 4

        public abstract class FunctionContext
            protected FunctionContext()
            public abstract string InvocationId { get; }
            public abstract string FunctionId { get; }
            public abstract TraceContext TraceContext { get; }
            public abstract BindingContext BindingContext { get; }
            public abstract RetryContext RetryContext { get; }
            public abstract IServiceProvider InstanceServices { get; set; }
            public abstract FunctionDefinition FunctionDefinition { get; }
            public abstract IDictionary<object, object> Items { get; set; }
            public abstract IInvocationFeatures Features { get; }
            public virtual CancellationToken CancellationToken { get; }

        public abstract class TraceContext
            protected TraceContext()
            public abstract string TraceParent { get; }
            public abstract string TraceState { get; }

        public abstract class BindingContext
            protected BindingContext()
            public abstract IReadOnlyDictionary<string, object> BindingData { get; }

        public abstract class RetryContext
            protected RetryContext()
            public abstract int RetryCount { get; }
            public abstract int MaxRetryCount { get; }

        public abstract class FunctionDefinition
            protected FunctionDefinition()
            public abstract string PathToAssembly { get; }
            public abstract string EntryPoint { get; }
            public abstract string Id { get; }
            public abstract string Name { get; }
            public abstract IImmutableDictionary<string, BindingMetadata> InputBindings { get; }
            public abstract IImmutableDictionary<string, BindingMetadata> OutputBindings { get; }

        public abstract class BindingMetadata
            protected BindingMetadata()
            public abstract string Name { get; }
            public abstract string Type { get; }
            public abstract BindingDirection Direction { get; }

        public enum BindingDirection
            In = 0
            Out = 1

        public interface IInvocationFeatures
            public void Set<T>(T instance)
            public T Get<T>()

        public abstract class InvocationResult : InvocationResult<object>
            protected InvocationResult()
            public abstract object Value { get; set; }

        public static class FunctionContextBindingFeatureExtensions
            public static InvocationResult GetInvocationResult(this FunctionContext context)

        public static class FunctionContextExtensions
            public static HttpContext GetHttpContext(this FunctionContext context)

        public static class FunctionContextLoggerExtensions
            public static ILogger<T> GetLogger<T>(this FunctionContext context)

        public interface IFunctionsWorkerApplicationBuilder
            public IServiceCollection Services { get; }
            public IFunctionsWorkerApplicationBuilder Use(Func<FunctionExecutionDelegate, FunctionExecutionDelegate> middleware)

        namespace Microsoft.Azure.Functions.Worker.Middleware

        public delegate FunctionExecutionDelegate
            Task (FunctionContext context)

        public interface IFunctionsWorkerMiddleware
            public Task Invoke(FunctionContext context, FunctionExecutionDelegate next)

        namespace Microsoft.Azure.Functions.Worker.Extensions.Abstractions

        public abstract class BindingAttribute : Attribute

        public abstract class TriggerBindingAttribute : BindingAttribute

        namespace Microsoft.Azure.Functions.Worker.Builder

        public class FunctionsApplication
            public static FunctionsApplicationBuilder CreateBuilder(string[] args)

        public class FunctionsApplicationBuilder
            public IDictionary<object, object> Properties { get; }
            public ConfigurationManager Configuration { get; }
            public IHostEnvironment Environment { get; }
            public ILoggingBuilder Logging { get; }
            public IMetricsBuilder Metrics { get; }
            public IServiceCollection Services { get; }
            public IHost Build()
            public IFunctionsWorkerApplicationBuilder Use(Func<FunctionExecutionDelegate, FunctionExecutionDelegate> middleware)

        public static class FunctionsApplicationBuilderAspNetCoreExtensions
            public static FunctionsApplicationBuilder ConfigureFunctionsWebApplication(this FunctionsApplicationBuilder builder)

        namespace Microsoft.Extensions.Hosting

        public static class MiddlewareWorkerApplicationBuilderExtensions
            public static IFunctionsWorkerApplicationBuilder UseMiddleware<T>(this IFunctionsWorkerApplicationBuilder builder) where T : class, IFunctionsWorkerMiddleware

        namespace Azure.Messaging.ServiceBus

        public class ServiceBusClient
            protected ServiceBusClient()
            public virtual ServiceBusSender CreateSender(string queueOrTopicName)
            public virtual ServiceBusReceiver CreateReceiver(string queueName, ServiceBusReceiverOptions options)
            public virtual ValueTask DisposeAsync()

        public class ServiceBusSender
            protected ServiceBusSender()
            public virtual string EntityPath { get; }
            public virtual Task SendMessageAsync(ServiceBusMessage message, CancellationToken cancellationToken = default)
            public virtual Task SendMessagesAsync(IEnumerable<ServiceBusMessage> messages, CancellationToken cancellationToken = default)

        public class ServiceBusReceiver
            protected ServiceBusReceiver()
            public virtual string EntityPath { get; }
            public virtual Task<IReadOnlyList<ServiceBusReceivedMessage>> PeekMessagesAsync(int maxMessages, Nullable<long> fromSequenceNumber = default, CancellationToken cancellationToken = default)
            public virtual Task<IReadOnlyList<ServiceBusReceivedMessage>> ReceiveMessagesAsync(int maxMessages, Nullable<TimeSpan> maxWaitTime = default, CancellationToken cancellationToken = default)
            public virtual Task CompleteMessageAsync(ServiceBusReceivedMessage message, CancellationToken cancellationToken = default)
            public virtual Task AbandonMessageAsync(ServiceBusReceivedMessage message, IDictionary<string, object> propertiesToModify = default, CancellationToken cancellationToken = default)
            public virtual ValueTask DisposeAsync()

        public class ServiceBusReceiverOptions
            public ServiceBusReceiverOptions()
            public SubQueue SubQueue { get; set; }

        public enum SubQueue
            None = 0
            DeadLetter = 1
            TransferDeadLetter = 2

        public class ServiceBusException : Exception
            public ServiceBusException(string message, ServiceBusFailureReason reason, string entityPath = default, Exception innerException = default)
            public ServiceBusFailureReason Reason { get; }

        public enum ServiceBusFailureReason
            GeneralError = 0
            MessagingEntityNotFound = 1
            MessageLockLost = 2
            MessageNotFound = 3
            MessageSizeExceeded = 4
            MessagingEntityDisabled = 5
            QuotaExceeded = 6
            ServiceBusy = 7
            ServiceTimeout = 8
            ServiceCommunicationProblem = 9

        public class ServiceBusMessage
            public ServiceBusMessage(string body)
            public ServiceBusMessage(BinaryData body)
            public BinaryData Body { get; set; }
            public string MessageId { get; set; }
            public string ContentType { get; set; }
            public string CorrelationId { get; set; }
            public string Subject { get; set; }
            public TimeSpan TimeToLive { get; set; }
            public DateTimeOffset ScheduledEnqueueTime { get; set; }
            public IDictionary<string, object> ApplicationProperties { get; }

        public class ServiceBusReceivedMessage
            public BinaryData Body { get; }
            public string MessageId { get; }
            public string ContentType { get; }
            public string CorrelationId { get; }
            public string Subject { get; }
            public int DeliveryCount { get; }
            public DateTimeOffset EnqueuedTime { get; }
            public DateTimeOffset ExpiresAt { get; }
            public DateTimeOffset LockedUntil { get; }
            public TimeSpan TimeToLive { get; }
            public string LockToken { get; }
            public long SequenceNumber { get; }
            public IReadOnlyDictionary<string, object> ApplicationProperties { get; }
            public string DeadLetterReason { get; }
            public string DeadLetterErrorDescription { get; }
        """;
}
