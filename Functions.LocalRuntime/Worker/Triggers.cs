using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;

namespace Microsoft.Azure.Functions.Worker.Extensions.Abstractions
{
    /// <summary>Base of all binding attributes.</summary>
    [AttributeUsage(AttributeTargets.Method)]
    public abstract class BindingAttribute : Attribute;

    /// <summary>Base of the attributes that mark a function's trigger parameter.</summary>
    [AttributeUsage(AttributeTargets.Parameter)]
    public abstract class TriggerBindingAttribute : BindingAttribute;
}

namespace Microsoft.Azure.Functions.Worker
{
    /// <summary>Marks a method as a function and names it; the name is unique in the app.</summary>
    [AttributeUsage(AttributeTargets.Method)]
    public class FunctionAttribute(string name) : Attribute
    {
        /// <summary>The function's name.</summary>
        public string Name { get; } = name;
    }

    /// <summary>Runs the function on a schedule.</summary>
    /// <param name="schedule">A cron text of five or six fields (the sixth, first, is seconds), or <c>%Setting%</c>.</param>
    public sealed class TimerTriggerAttribute(string schedule) : TriggerBindingAttribute
    {
        /// <summary>The cron text, or <c>%Setting%</c>, as written.</summary>
        public string Schedule { get; } = schedule;

        /// <summary>Whether last and next run are kept, so that a missed run is made up. On unless turned off.</summary>
        public bool UseMonitor { get; set; } = true;

        /// <summary>Whether the function runs each time the host starts.</summary>
        public bool RunOnStartup { get; set; }
    }

    /// <summary>Runs the function for each message of a Service Bus queue.</summary>
    public sealed class ServiceBusTriggerAttribute : TriggerBindingAttribute
    {
        /// <summary>Listens to a queue.</summary>
        public ServiceBusTriggerAttribute(string queueName) => QueueName = queueName;

        /// <summary>Listens to a topic's subscription, which the local runtime does not have.</summary>
        public ServiceBusTriggerAttribute(string topicName, string subscriptionName)
        {
            TopicName = topicName;
            SubscriptionName = subscriptionName;
        }

        /// <summary>The setting, or group of settings, that says where the namespace is.</summary>
        public string? Connection { get; set; }

        /// <summary>The queue's name, or <c>%Setting%</c>.</summary>
        public string? QueueName { get; }

        /// <summary>The topic's name.</summary>
        public string? TopicName { get; }

        /// <summary>The subscription's name.</summary>
        public string? SubscriptionName { get; }

        /// <summary>Whether the queue has sessions.</summary>
        public bool IsSessionsEnabled { get; set; }

        /// <summary>Whether the function takes several messages at once.</summary>
        public bool IsBatched { get; set; }

        /// <summary>Whether the host completes a message once its function succeeded. On in both hosts unless host.json says otherwise.</summary>
        public bool AutoCompleteMessages { get; set; } = true;
    }

    /// <summary>Runs the function for each HTTP request of its route and methods.</summary>
    public sealed class HttpTriggerAttribute : TriggerBindingAttribute
    {
        /// <summary>A trigger for any method, with a function key in Azure.</summary>
        public HttpTriggerAttribute() => AuthLevel = AuthorizationLevel.Function;

        /// <summary>A trigger for these methods, without a key.</summary>
        public HttpTriggerAttribute(params string[] methods) => Methods = methods;

        /// <summary>A trigger for any method.</summary>
        public HttpTriggerAttribute(AuthorizationLevel authLevel) => AuthLevel = authLevel;

        /// <summary>A trigger for these methods.</summary>
        public HttpTriggerAttribute(AuthorizationLevel authLevel, params string[] methods)
        {
            AuthLevel = authLevel;
            Methods = methods;
        }

        /// <summary>The route below the prefix of host.json; the function's name when null.</summary>
        public string? Route { get; set; }

        /// <summary>The methods; all of them when null or empty.</summary>
        public string[]? Methods { get; }

        /// <summary>The key that Azure asks for. The local runtime asks for none, as Core Tools do.</summary>
        public AuthorizationLevel AuthLevel { get; }
    }

    /// <summary>The key that a caller of an HTTP function must show in Azure.</summary>
    public enum AuthorizationLevel
    {
        /// <summary>None.</summary>
        Anonymous = 0,

        /// <summary>A signed-in user.</summary>
        User = 1,

        /// <summary>A function or host key.</summary>
        Function = 2,

        /// <summary>A system key.</summary>
        System = 3,

        /// <summary>The master key.</summary>
        Admin = 4,
    }

    /// <summary>What a timer function is told about its schedule.</summary>
    public class TimerInfo
    {
        /// <summary>Last and next run; null where they are not kept.</summary>
        public ScheduleStatus? ScheduleStatus { get; set; }

        /// <summary>Whether this run makes up for one that was missed.</summary>
        public bool IsPastDue { get; set; }
    }

    /// <summary>The times of a schedule, in UTC.</summary>
    public class ScheduleStatus
    {
        /// <summary>The last run that was due.</summary>
        public DateTime Last { get; set; }

        /// <summary>The next run that is due.</summary>
        public DateTime Next { get; set; }

        /// <summary>When this status was written.</summary>
        public DateTime LastUpdated { get; set; }
    }
}
